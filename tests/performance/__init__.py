"""The bench: what the bank costs, as ratios within one run. ``python -m tests.performance``.

Every goal is a ratio to something plain measured beside it (a bare insert, a constant page), since
absolute times belong to a machine and a day. The databases are built here, in bulk, from rows that
could have been written by the acts: their trail verifies as sound.
"""
