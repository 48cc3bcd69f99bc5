"""What a decision on a lot rests on, as the rows whose entry counts: was any touched since?"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import (
    Culture,
    CultureCount,
    CultureNote,
    ReagentLot,
    ReagentUse,
)
from mscbank.database import read
from mscbank.donors.models import Donor, DonorDecision, Marker
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation
from mscbank.recipients.models import Allocation
from mscbank.release.models import (
    Action,
    Classification,
    Decision,
    Deviation,
    DeviationInvestigation,
    ExceptionRequest,
    Hold,
)
from mscbank.testing.files import Attachment
from mscbank.testing.models import (
    ChecklistAnswer,
    Investigation,
    Replicate,
    Result,
    Sample,
)

LOT_ID = sa.bindparam("lot_id", type_=sa.Integer())
_SINCE = sa.bindparam("since", 0, type_=sa.BigInteger())


def _codes_of_family() -> sa.Select[tuple[str]]:
    """The lot's code and those of everything it was made from."""
    family = sa.select(Lot.code).where(Lot.id == LOT_ID).cte("family", recursive=True)
    family = family.union(sa.select(Derivation.parent).where(Derivation.child == family.c.code))
    return sa.select(family.c.code)


def _once(name: str, ids: sa.Select[tuple[Any]] | sa.CompoundSelect[tuple[Any]],
          ) -> sa.Select[tuple[Any]]:
    """The ids, looked up once for all who ask (a common table expression)."""
    return sa.select(*ids.cte(name).c)


_FAMILY = _codes_of_family()
_CULTURES = _once("cultures", sa.select(Culture.id).where(Culture.code.in_(_FAMILY)))
_HARVEST = sa.select(Lot.harvest_id).where(Lot.id == LOT_ID)
_DONOR = _once("donors", sa.select(Harvest.donor_id).where(Harvest.id.in_(_HARVEST)))
REAGENTS = _once("reagents", sa.select(ReagentUse.reagent_lot_id).where(
    ReagentUse.used_in.in_(_FAMILY)))
_SAMPLES = _once("samples", sa.union(  # by an index each: of "or" PostgreSQL reads every sample
    sa.select(Sample.id).where(Sample.lot_id == LOT_ID),
    sa.select(Sample.id).where(Sample.taken_from.in_(_FAMILY))))
_RESULTS = _once("results", sa.select(Result.id).where(Result.sample_id.in_(_SAMPLES)))
_CONCERNED = sa.union_all(
    _FAMILY,
    sa.select(Bag.code).where(Bag.lot_id == LOT_ID),
    sa.select(Donor.code).where(Donor.id.in_(_DONOR)),
    sa.select(Sample.code).where(Sample.id.in_(_SAMPLES)),
    sa.select(Result.code).where(Result.sample_id.in_(_SAMPLES)),
    sa.select(Investigation.code).where(Investigation.result_id.in_(_RESULTS)),
    sa.select(ReagentLot.code).where(ReagentLot.id.in_(REAGENTS)),
).cte("concerned")
CONCERNED = sa.select(_CONCERNED.c.code)  # of the lot whose id is bound to ``lot_id``


def _about_the_lot(model: type[Any]) -> tuple[type[Any], Any]:
    """What hangs on the lot's deviations, found by its entry as they are."""
    concerned = sa.select(Deviation.id).where(Deviation.about.in_(CONCERNED))
    return model, sa.and_(model.entry > _SINCE, (model.deviation_id + 0).in_(concerned))


# What a decision rests on, as the rows whose entry counts. Bags move after a release, and each move
# is an entry; of what is signed of them only the freezing can still come, so only a freezing after
# the decision counts here (the rest is written when they are filled, and the database keeps it).
# Deviations are found by their entry (the ``||`` keeps the other index out): there is seldom a new
# one, and only then is the long list of what it could concern made.
COVERED: tuple[tuple[type[Any], Any], ...] = (
    (Lot, Lot.id == LOT_ID),
    (Bag, sa.and_(Bag.lot_id == LOT_ID, Bag.frozen_at > sa.select(
        sa.func.max(Decision.recorded_at)).where(Decision.lot_id == LOT_ID).scalar_subquery())),
    (Derivation, Derivation.child.in_(_FAMILY)),
    (Culture, Culture.code.in_(_FAMILY)),
    (CryoUnit, CryoUnit.code.in_(_FAMILY)),
    (CultureCount, CultureCount.culture_id.in_(_CULTURES)),
    (CultureNote, CultureNote.culture_id.in_(_CULTURES)),
    (ReagentUse, ReagentUse.used_in.in_(_FAMILY)),
    (ReagentLot, ReagentLot.id.in_(REAGENTS)),
    (Harvest, Harvest.id.in_(_HARVEST)),
    (Donor, Donor.id.in_(_DONOR)),
    (Allocation, Allocation.recipient_id.in_(sa.select(Lot.recipient_id).where(
        Lot.id == LOT_ID))),
    (Marker, Marker.donor_id.in_(_DONOR)),
    (DonorDecision, DonorDecision.donor_id.in_(_DONOR)),
    (Sample, Sample.id.in_(_SAMPLES)),
    (Result, Result.sample_id.in_(_SAMPLES)),
    (Replicate, Replicate.result_id.in_(_RESULTS)),
    (Investigation, Investigation.result_id.in_(_RESULTS)),
    (ChecklistAnswer, ChecklistAnswer.investigation_id.in_(
        sa.select(Investigation.id).where(Investigation.result_id.in_(_RESULTS)))),
    (Attachment, Attachment.about.in_(sa.union_all(
        sa.select(Result.code).where(Result.id.in_(_RESULTS)),
        sa.select(Investigation.code).where(Investigation.result_id.in_(_RESULTS))))),
    (ExceptionRequest, ExceptionRequest.lot_id == LOT_ID),
    (Deviation, sa.and_(Deviation.entry > _SINCE, Deviation.about.concat("").in_(CONCERNED))),
    _about_the_lot(Classification), _about_the_lot(DeviationInvestigation), _about_the_lot(Action),
    (Hold, Hold.lot_id == LOT_ID),
)
_TOUCHES = sa.union_all(*(
    sa.select(sa.func.max(model.entry).label("entry")).where(where)
    for model, where in COVERED)).subquery()
_LAST_TOUCH = sa.select(sa.func.max(_TOUCHES.c.entry).label("entry"))


def touched_since(lot_id: int, entry: int) -> bool:
    """Whether any row a decision rests on was written or changed by an entry after ``entry``.

    One statement. No means the signature of that entry covers: the database lets no row change
    without a new entry. Yes means only that the record must be read and compared.
    """
    (last,) = read(_LAST_TOUCH, {"lot_id": lot_id, "since": entry})
    return (last.entry or 0) > entry
