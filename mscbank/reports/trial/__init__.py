"""The study's report: every figure computed from the records, with the records behind it.

``facts`` reads, ``statistics`` counts (SciPy, loaded when first asked), a module a chapter makes
tables of figures, ``report`` puts them together, ``paper`` and ``written`` give them away.
"""
