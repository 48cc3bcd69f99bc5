"""What is allowed of cultures and reagents, and the arithmetic of growth. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from mscbank.cultures.models import ReagentStanding
from mscbank.donors.models import Eligibility
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.rules import count_told, day_told, parted

REMAINED_OPEN = (None, "passaged", "filled", "frozen")


def whole(number: int) -> str:
    """Cells as people read them at a bench: 60 000 000."""
    return parted(number)


def population_doublings(seeded: int, harvested: int) -> Decimal:
    """log2(harvested / seeded), to a thousandth; below zero where cells were lost.

    >>> population_doublings(1_000_000, 8_000_000)
    Decimal('3.000')
    """
    if seeded <= 0 or harvested <= 0:
        raise Malformed("Population doublings need cells at the start and at the end.")
    ratio = Decimal(harvested) / Decimal(seeded)
    return (ratio.ln() / Decimal(2).ln()).quantize(Decimal("0.001"))


def doubling_time(seeded: int, harvested: int, lasted: timedelta) -> timedelta | None:
    """t x ln 2 / ln(harvested / seeded); None where the cells did not grow.

    >>> doubling_time(1_000_000, 8_000_000, timedelta(days=4))
    datetime.timedelta(days=1, seconds=28800)
    """
    if harvested <= seeded or seeded <= 0:
        return None
    grown = (Decimal(harvested) / Decimal(seeded)).ln()
    seconds = Decimal(lasted.total_seconds()) * Decimal(2).ln() / grown
    return timedelta(seconds=int(seconds.to_integral_value()))


def reagent_usable(title: str, standing: ReagentStanding, expires_on: date, today: date) -> None:
    """Only released, unexpired lots touch cells. ``title`` names the lot number."""
    if standing == ReagentStanding.BLOCKED:
        raise Unfit(f"{title} is blocked: set it aside and take another lot.", field="reagents",
                    reasons=("reagent blocked",))
    if standing == ReagentStanding.QUARANTINE:
        raise Unfit(f"{title} is in quarantine: take a released lot, or ask quality assurance to "
                    "release it.", field="reagents", reasons=("reagent in quarantine",))
    if expires_on < today:
        raise Unfit(f"{title} expired on {day_told(expires_on)}: discard it and take another lot.",
                    field="reagents", reasons=("reagent expired",))


def named_once(codes: Sequence[str], *, field: str, what: str) -> None:
    """Something was named, and nothing twice."""
    if not codes:
        raise Malformed(f"Name {what}: scan each one.", field=field)
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise Malformed(f"{twice[0]} is named twice: scan each one once.", field=field)


def not_expired_already(expires_on: date, today: date) -> None:
    """A lot that has expired is not taken into stock."""
    if expires_on < today:
        raise Malformed(f"This lot expired on {day_told(expires_on)}: do not take it into stock.",
                        field="expires_on")


def may_release_reagent(title: str, standing: ReagentStanding) -> None:
    if standing == ReagentStanding.RELEASED:
        raise AlreadyDone(f"{title} was released before.")
    if standing == ReagentStanding.BLOCKED:
        raise WrongMoment(f"{title} is blocked and stays so: take another lot.")


def may_block_reagent(title: str, standing: ReagentStanding) -> None:
    if standing == ReagentStanding.BLOCKED:
        raise AlreadyDone(f"{title} was blocked before.")


def said(text: str, *, field: str) -> None:
    """A reason is words, not spaces."""
    if not text or not text.strip():
        raise Malformed("Say why in a few words.", field=field)


def positive(number: int | Decimal, *, field: str, what: str) -> None:
    if number <= 0:
        raise Malformed(f"{what} must be more than 0.", field=field)


def harvest_received(received_at: datetime | None) -> None:
    if received_at is None:
        raise WrongMoment("The marrow was not received yet: receive it first, then seed it.")


def fresh_enough(collected_at: datetime, at: datetime, hours_max: int) -> None:
    """Marrow waits for its first seeding no longer than the protocol allows."""
    if at - collected_at > timedelta(hours=hours_max):
        raise Unfit(f"The marrow is older than the {count_told(hours_max, 'hour')} the protocol allows "
                    "before seeding: do not seed it; open a deviation and ask the physician.",
                    reasons=("marrow too old",))


def donor_accepted(outcome: Eligibility | None) -> None:
    """The donor's decision that stands today, whatever stood at the harvest."""
    if outcome not in (Eligibility.ELIGIBLE, Eligibility.EXCEPTION):
        raise Unfit(f"The donor's decision is now “{outcome or 'none'}”: nothing more is "
                    "made of this marrow. Ask the physician.", reasons=("donor not accepted",))


def decision_covers(covered: bool, number: str) -> None:
    """A test that came in after the physician's decision asks for a new one."""
    if not covered:
        raise WrongMoment(f"The tests of {number} changed since the decision was signed: the "
                          "physician decides again before more is made of this marrow.",
                          reasons=("decision not covered",))


def enough_nucleated_cells(wanted: int, received: int, already: int) -> None:
    if wanted > received - already:
        raise Malformed(f"The harvest holds {whole(received - already)} nucleated cells that were "
                        f"not seeded yet, and {whole(wanted)} are asked for: check the number.",
                        field="seeded_cells")


def colonies_sensible(colony_forming: int | None, seeded_cells: int) -> None:
    if colony_forming is None:
        return
    positive(colony_forming, field="colony_forming", what="The colony-forming cells")
    if colony_forming > seeded_cells:
        raise Malformed("There cannot be more colony-forming cells than cells seeded.",
                        field="colony_forming")


def due_later(next_due_at: datetime | None, at: datetime) -> None:
    if next_due_at is None:
        return
    if next_due_at.tzinfo is None:
        raise Malformed("Give the time with its zone.", field="next_due_at")
    if next_due_at <= at:
        raise Malformed("The next work on this culture must lie ahead: check the date.",
                        field="next_due_at")


def confluence_sensible(confluence: int | None) -> None:
    if confluence is not None and not 0 <= confluence <= 100:
        raise Malformed("Confluence lies between 0 and 100 %.", field="confluence")


class State(Protocol):
    """What these rules ask of a culture."""

    title: str
    ended_as: str | None

    @property
    def count(self) -> object | None: ...


def not_ended(culture: State) -> None:
    if culture.ended_as is not None:
        raise WrongMoment(f"{culture.title} has ended ({culture.ended_as}).")


def growing(culture: State) -> None:
    """In its vessels: neither ended nor detached for counting."""
    not_ended(culture)
    if culture.count is not None:
        raise WrongMoment(f"{culture.title} was detached and counted: passage it, fill it or "
                          "discard it.")


def not_counted(culture: State) -> None:
    if culture.count is not None:
        raise AlreadyDone(f"{culture.title} was counted before: correct the count if it is wrong.",
                          field="viable_cells")
    growing(culture)


def was_counted(culture: State) -> None:
    if culture.count is None:
        raise WrongMoment(f"{culture.title} was not counted yet: count it first.")


def count_sensible(total_cells: int, viable_cells: int) -> None:
    """Viability never exceeds 100 %."""
    positive(total_cells, field="total_cells", what="The total")
    if viable_cells < 0:
        raise Malformed("Viable cells cannot be fewer than 0.", field="viable_cells")
    if viable_cells > total_cells:
        raise Malformed("There cannot be more viable cells than cells in all: check both counts.",
                        field="viable_cells")


def correction_changes(was: tuple[int, int], becomes: tuple[int, int]) -> None:
    if was == becomes:
        raise Malformed("This is the count that stands: a correction changes something.",
                        field="viable_cells")


def count_covers(viable_cells: int, already: int) -> None:
    """A corrected count cannot undo what was passed on or filled."""
    if viable_cells < already:
        raise Unfit(f"{whole(already)} viable cells of this culture were passed on or filled "
                    "already: the count cannot be lower. Open a deviation.",
                    field="viable_cells", reasons=("fewer than passed on",))


def may_give_cells(culture: State) -> None:
    """Counted, and not discarded: its cells may be passed on or filled."""
    if culture.ended_as not in REMAINED_OPEN:
        raise WrongMoment(f"{culture.title} has ended ({culture.ended_as}).")
    was_counted(culture)


def enough_viable_cells(title: str, wanted: int, left: int, *, field: str) -> None:
    """Cells given cannot exceed the viable cells counted minus those already given."""
    positive(wanted, field=field, what=f"The cells from {title}")
    if wanted > left:
        raise Malformed(f"{title} has {whole(left)} viable cells left, and {whole(wanted)} are "
                        "asked for: check the number, or count again.", field=field)


def something_left(title: str, left: int) -> None:
    if left <= 0:
        raise WrongMoment(f"{title} has no cells left to pass on.")


def left_told(title: str, left: int) -> str:
    """What there is to give, beside the box that asks how much of it is given."""
    return f"{title} has {whole(left)} cells left."


def one_harvest(harvest_ids: Iterable[int]) -> None:
    """Cells of two donations never meet in one vessel or bag."""
    if len(set(harvest_ids)) > 1:
        raise Unfit("These cultures come from different harvests and are never pooled: take out "
                    "the wrong one.", field="pooled_with", reasons=("different harvests",))


def within_passages(passage: int, limit: int) -> None:
    if passage > limit:
        raise Unfit(f"The protocol ends at passage P{limit}, and this would be P{passage}: fill "
                    "the cells or discard them.", reasons=("passage limit",))


def within_doublings(doublings: Decimal, limit: Decimal) -> None:
    if doublings > limit:
        raise Unfit(f"These cells have doubled {count_told(doublings, 'time')}, and the protocol allows "
                    f"{limit}: discard them and open a deviation.", reasons=("doublings limit",))
