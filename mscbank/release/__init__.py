"""Quality assurance: the verdict against the specification, decisions, holds, deviations.

A decision is signed over the whole record of the lot, up the lineage to the donor. Whether that
signature still covers the record is computed each time it is asked. A decision that no longer
covers is renewed by the same act, over the record as it now stands.

Rooms of this step's own: ``verdict`` (the findings), ``record`` (what a decision is signed over,
and whether it still covers), ``stops`` (holds and deviations), ``late`` (what a failing result
does to a lot that is already released). Results are written down by the step ``testing``, which
may not know of standings and holds; so the acts "record result" and "correct result" are declared
here: they call testing's function of that name, then ``late.react``, in one transaction.
"""
