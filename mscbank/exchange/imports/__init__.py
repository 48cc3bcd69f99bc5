"""Files of instruments: a cell counter's counts, a cytometer's percentages, read and recorded.

A shape says how an instrument writes its file (``shapes/*.toml``, or saved by the laboratory on a
page; one checker for both). An import is shown first, with nothing written, then recorded all or
nothing, by the same acts as by hand: ``count``, ``record result``, ``correct result``. What those
acts refuse is refused here, in the same words, with the line of the file.

Stands above the steps, as ``exchange`` does; it is the one package there with tables and acts.
"""
