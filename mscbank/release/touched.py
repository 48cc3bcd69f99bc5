"""What a decision on a lot rests on, as the rows whose entry counts: was any touched since?"""

from __future__ import annotations

from typing import Any, NamedTuple

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
Near = sa.CTE  # rows that are looked up once, for all who ask beside them
Rows = tuple[type[Any], sa.Select[Any]]


class Watched(NamedTuple):
    """What a decision on one lot rests on, as statements: the rows, table by table, as their id and
    the entry that last touched them; the ids of the reagent lots among them; and the codes of all
    that a deviation could be about."""

    rows: tuple[Rows, ...]
    reagents: sa.Select[Any]
    concerned: sa.Select[Any]

    def last_touch(self) -> sa.Select[Any]:
        """The last entry that touched any of the rows; the lot's own is always among them."""
        touches = sa.union_all(*(rows for _, rows in self.rows)).subquery("touches")
        return sa.select(sa.func.max(touches.c.entry).label("entry"))


def watched(lot_id: Any, since: Any) -> Watched:
    """What a decision on the lot rests on; of the deviations, what was touched after ``since``."""
    lot = _lot(lot_id, since)
    family = _family(lot)
    cultures = _near("cultures", Culture.code, family.c.code)
    used = _near("reagents", ReagentUse.used_in, family.c.code, "reagent_lot_id")
    harvests = _near("harvests", Harvest.id, lot.c.harvest_id, "donor_id")
    samples = _samples(lot, family)
    results = _near("results", Result.sample_id, samples.c.id, "code")
    investigations = _near("investigations", Investigation.result_id, results.c.id, "code")
    concerned = _concerned(lot, family, harvests, used, samples, results, investigations)
    return Watched((
        (Lot, _all_of(lot)), _frozen_since(lot),
        (Derivation, sa.select(family.c.edge, family.c.entry).where(family.c.edge.is_not(None))),
        (Culture, _all_of(cultures)),
        _beside(CryoUnit.code, family.c.code),
        _beside(CultureCount.culture_id, cultures.c.id),
        _beside(CultureNote.culture_id, cultures.c.id),
        (ReagentUse, _all_of(used)),
        _beside(ReagentLot.id, used.c.reagent_lot_id),
        (Harvest, _all_of(harvests)),
        _beside(Donor.id, harvests.c.donor_id),
        _beside(Allocation.recipient_id, lot.c.recipient_id),
        _beside(Marker.donor_id, harvests.c.donor_id),
        _beside(DonorDecision.donor_id, harvests.c.donor_id),
        (Sample, _all_of(samples)), (Result, _all_of(results)),
        _beside(Replicate.result_id, results.c.id),
        (Investigation, _all_of(investigations)),
        _beside(ChecklistAnswer.investigation_id, investigations.c.id),
        _beside(Attachment.about, results.c.code),
        _beside(Attachment.about, investigations.c.code),
        _beside(ExceptionRequest.lot_id, lot.c.id),
        *_deviations(lot, concerned),
        _beside(Hold.lot_id, lot.c.id),
    ), sa.select(used.c.reagent_lot_id), concerned)


def _lot(lot_id: Any, since: Any) -> Near:
    lot, decision = Lot.__table__, Decision.__table__
    decided_at = (sa.select(sa.func.max(decision.c.recorded_at))
                  .where(decision.c.lot_id == lot.c.id).scalar_subquery())
    return sa.select(
        lot.c.id, lot.c.code, lot.c.recipient_id, lot.c.harvest_id, lot.c.entry,
        since.label("since"), decided_at.label("decided_at"),
    ).where(lot.c.id == lot_id).cte("the_lot")


def _family(lot: Near) -> Near:
    """The lot's code and those of everything it was made from, each with the edge that leads there
    and its entry."""
    edge = Derivation.__table__
    nobody = sa.cast(None, edge.c.id.type).label("edge")
    family = sa.select(lot.c.code, nobody, lot.c.entry).cte("family", recursive=True)
    return family.union(sa.select(edge.c.parent, edge.c.id, edge.c.entry)
                        .join(family, edge.c.child == family.c.code))


def _samples(lot: Near, family: Near) -> Near:
    """By an index each: of "or" PostgreSQL reads every sample."""
    row = Sample.__table__.c
    columns = (row.id, row.code, row.entry)
    return sa.union(
        sa.select(*columns).join(lot, row.lot_id == lot.c.id),
        sa.select(*columns).join(family, row.taken_from == family.c.code)).cte("samples")


def _near(name: str, here: Any, there: Any, *columns: str) -> Near:
    """The rows whose column ``here`` holds what stands ``there``, in rows found already."""
    row = here.class_.__table__.c
    return sa.select(row.id, row.entry, *(row[column] for column in columns)).join(
        there.table, row[here.key] == there).cte(name)


def _all_of(rows: Near) -> sa.Select[Any]:
    return sa.select(rows.c.id, rows.c.entry)


def _beside(here: Any, there: Any) -> Rows:
    """The same, where nobody asks what is beside them in turn."""
    row = here.class_.__table__.c
    return here.class_, sa.select(row.id, row.entry).join(there.table, row[here.key] == there)


def _frozen_since(lot: Near) -> Rows:
    """Bags move after a release, and each move is an entry; of what is signed of them only the
    freezing can still come, so only a freezing after the decision counts here (the rest is written
    when they are filled, and the database keeps it)."""
    row = Bag.__table__.c
    return Bag, sa.select(row.id, row.entry).join(
        lot, sa.and_(row.lot_id == lot.c.id, row.frozen_at > lot.c.decided_at))


def _deviations(lot: Near, concerned: sa.Select[Any]) -> tuple[Rows, ...]:
    """Deviations, and what hangs on them, are found by their entry (``||`` and ``+`` keep the other
    index out): there is seldom a new one, and only then is the long list of what it could concern
    made."""
    row = Deviation.__table__.c
    about_it = sa.select(row.id).where(row.about.in_(concerned))
    found: list[Rows] = [(Deviation, sa.select(row.id, row.entry).join(lot, sa.and_(
        row.entry > lot.c.since, row.about.concat("").in_(concerned))))]
    for model in (Classification, DeviationInvestigation, Action):
        part = model.__table__.c
        found.append((model, sa.select(part.id, part.entry).join(lot, sa.and_(
            part.entry > lot.c.since, (part.deviation_id + 0).in_(about_it)))))
    return tuple(found)


def _concerned(lot: Near, family: Near, harvests: Near, used: Near, *coded: Near) -> sa.Select[Any]:
    bag, donor, reagent = Bag.__table__.c, Donor.__table__.c, ReagentLot.__table__.c
    codes = sa.union_all(
        sa.select(family.c.code),
        sa.select(bag.code).join(lot, bag.lot_id == lot.c.id),
        sa.select(donor.code).join(harvests, donor.id == harvests.c.donor_id),
        sa.select(reagent.code).join(used, reagent.id == used.c.reagent_lot_id),
        *(sa.select(rows.c.code) for rows in coded)).cte("concerned")
    return sa.select(codes.c.code)


WATCHED = watched(LOT_ID, _SINCE)  # of the lot whose id is bound to ``lot_id``
REAGENTS, CONCERNED = WATCHED.reagents, WATCHED.concerned
_LAST_TOUCH = WATCHED.last_touch()


def touched_since(lot_id: int, entry: int) -> bool:
    """Whether any row a decision rests on was written or changed by an entry after ``entry``.

    One statement. No means the signature of that entry covers: the database lets no row change
    without a new entry. Yes means only that the record must be read and compared.
    """
    (last,) = read(_LAST_TOUCH, {"lot_id": lot_id, "since": entry})
    return last.entry is None or last.entry > entry
