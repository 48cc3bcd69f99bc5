"""What a list tells of its things beside what their own rows keep: how they stand, what is awaited,
when they are expected. A whole page is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, selectinload

from mscbank import clock
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture
from mscbank.custody.models import Excursion, Journey
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.followup import schedule
from mscbank.followup.event_models import AdverseEvent
from mscbank.followup.models import Visit
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Check, Infusion, Observation, Order, Reaction
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import Recipient, Wristband
from mscbank.release.models import Action, Decision, Deviation, Hold
from mscbank.reports.listing import columns_of
from mscbank.reports.states import HELD, OUTCOMES, IN_WORDS, State
from mscbank.settings import local
from mscbank.testing import stands
from mscbank.testing.models import Investigation, Result, Sample
from mscbank.things import Thing

Tell = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Told:
    """A column that no table keeps. ``words``: the closed list it is of; ``state``: as the database
    tells it, else ``tell`` does, in the order of the rows it is given."""

    words: tuple[str, ...]
    tell: Tell
    state: State = ()

    @property
    def word(self) -> sa.ColumnElement[Any]:
        """The word, to narrow a list by."""
        return sa.case(*((so, sa.literal(word)) for word, so in self.state), else_=sa.null())

    @property
    def rank(self) -> sa.ColumnElement[Any]:
        """Which of the words it is, to sort a list by."""
        return sa.case(*((so, sa.literal(rank)) for rank, (_, so) in enumerate(self.state)),
                       else_=sa.null())


def _by_the_database(model: type[Any], state: State) -> Told:
    def tell(rows: Sequence[Any]) -> list[Any]:
        known = dict(session.execute(sa.select(model.id, told.word).where(
            model.id.in_([row.id for row in rows]))).tuples().all())
        return [known[row.id] for row in rows]

    told = Told(tuple(word for word, _ in state), tell, state)
    return told


def _awaited(rows: Sequence[Sample]) -> list[list[str]]:
    """The tests of which the result was sent for and is not back."""
    later = aliased(Result)
    found: dict[int, list[str]] = {row.id: [] for row in rows}
    for sample, test in session.execute(
            sa.select(Result.sample_id, Result.test_name).where(
                Result.sample_id.in_(found), Result.pending,
                ~sa.select(later.id).where(later.corrects_id == Result.id).exists())
            .order_by(Result.id)):
        found[sample].append(test)
    return list(found.values())


def _lies_in(rows: Sequence[StoragePlace]) -> list[Any]:
    ids = [row.id for row in rows]
    bags = session.scalars(sa.select(Bag).where(Bag.storage_place_id.in_(ids))
                           .options(selectinload(Bag.lot))).all()
    units = session.scalars(sa.select(CryoUnit).where(CryoUnit.storage_place_id.in_(ids))
                            .options(selectinload(CryoUnit.culture).selectinload(Culture.harvest)))
    lying = {each.storage_place_id: each for each in (*bags, *units)}
    return [lying.get(id_) for id_ in ids]


def _visit(part: Callable[[schedule.Planned], Any]) -> Tell:
    def tell(rows: Sequence[Recipient]) -> list[Any]:
        found = schedule.next_of(rows, local(clock.now()).date())
        return [part(found[row.id]) if row.id in found else None for row in rows]
    return tell


TOLD: dict[type[Any], dict[str, Told]] = {
    model: {"state": _by_the_database(model, state)} for model, state in IN_WORDS.items()}
TOLD[Result] = {
    "outcome": Told(tuple(stands.Judged), stands.judged),
    "state": Told(tuple(stands.Stands), stands.stand)}
TOLD[Sample]["awaited"] = Told((), _awaited)
TOLD[StoragePlace]["holds"] = Told((), _lies_in)
TOLD[Recipient] |= {"next_visit": Told((), _visit(lambda planned: planned.name)),
                    "window_closes_on": Told((), _visit(lambda planned: planned.window.closes))}
TOLD[AdverseEvent]["outcome"] = _by_the_database(AdverseEvent, OUTCOMES)
TOLD |= {model: {"hold": _by_the_database(model, state)} for model, state in HELD.items()}

# What a list shows, first what it is opened for; of other kinds what tells their things apart.
SHOWN: dict[type[Any], tuple[str, ...]] = {
    Recipient: ("state", "next_visit", "window_closes_on", "sex", "trial", "protocol", "recorded_at"),
    Donor: ("state", "recipient_id", "kinship", "sex", "recorded_at"),
    Harvest: ("state", "donor_id", "collected_at", "volume_ml", "received_at", "site"),
    Culture: ("state", "passage", "vessel", "vessels", "seeded_at", "next_due_at"),
    Lot: ("standing", "hold", "recipient_id", "passage", "specification", "filled_at"),
    Bag: ("place", "hold", "lot_id", "volume_ml", "viable_cells", "place_since", "expires_at"),
    StoragePlace: ("tank", "rack", "box", "position", "state", "holds"),
    Sample: ("state", "awaited", "taken_from", "stage", "taken_at", "destined"),
    Result: ("outcome", "state", "sample_id", "lot_id", "method", "laboratory", "performed_at"),
    Investigation: ("state", "outcome", "result_id", "recorded_at", "concluded_at"),
    Decision: ("standing", "lot_id", "signature_id", "result_id", "recorded_at"),
    Hold: ("state", "lot_id", "bag_id", "recorded_at", "lifted_at"),
    Deviation: ("state", "severity", "about", "due_at", "closed_at"),
    Action: ("state", "deviation_id", "kind", "owner_id", "due_on", "done_at"),
    LabelCopy: ("state", "about", "kind", "part", "job_id", "printed_at"),
    Journey: ("state", "box", "given_by_id", "given_at", "received_at"),
    Excursion: ("state", "journey_id", "celsius", "began_at", "judged_at"),
    Order: ("state", "recipient_id", "dose_per_kg", "weight_kg", "target_cells", "given_cells"),
    Check: ("verdict", "bag_id", "wristband_id", "second_id", "at"),
    Infusion: ("state", "recipient_id", "started_at", "ended_at", "volume_given_ml"),
    Observation: ("state", "infusion_id", "temperature_c", "pulse", "systolic", "diastolic",
                  "saturation"),
    Reaction: ("state", "infusion_id", "term", "grade", "done"),
    AdverseEvent: ("recipient_id", "outcome", "state", "onset_at", "known_at"),
    Visit: ("state", "recipient_id", "took_place_on", "within_window", "survival", "mrss"),
    Wristband: ("state", "recipient_id", "recorded_at", "ended_at"),
}


def shown_of(model: type[Any]) -> Sequence[str]:
    """The columns of a kind's list beside the title, which says number and name already; digests
    are for machines."""
    return SHOWN.get(model) or [name for name in columns_of(model) if name not in ("number", "name")
                                and not name.endswith(("sha256", "digest"))]


def told_of(model: type[Any], name: str) -> Told | None:
    """How a column is told that no table keeps; None of one that a table does."""
    return TOLD.get(model, {}).get(name)


def arranged(rows: Sequence[Any], told: Mapping[str, Told], only: Mapping[str, str], sort: str,
             ) -> list[Any]:
    """Of the rows those of which these columns tell the words asked for, sorted where ``sort`` is
    one of them; empty cells last, whichever end comes first."""
    cells = {name: each.tell(rows) for name, each in told.items()}
    kept = [at for at in range(len(rows))
            if all(cells[name][at] == only.get(name, cells[name][at]) for name in told)]
    if (name := sort.removeprefix("-")) not in told:
        return [rows[at] for at in kept]
    words = told[name].words

    def key(at: int) -> Any:
        cell = cells[name][at]
        return words.index(cell) if words else cell.title if isinstance(cell, Thing) else cell

    full = sorted((at for at in kept if cells[name][at] not in (None, [])), key=key,
                  reverse=sort.startswith("-"))
    return [rows[at] for at in (*full, *(at for at in kept if cells[name][at] in (None, [])))]
