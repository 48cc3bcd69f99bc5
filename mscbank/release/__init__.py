"""Quality assurance: the verdict against the specification, decisions, holds, deviations.

A decision is signed over the whole record of the lot, up the lineage to the donor. Whether that
signature still covers the record is computed each time it is asked.
"""
