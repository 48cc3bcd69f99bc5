"""What is allowed on the way: sentences that raise, over plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.rules import not_before, not_in_the_future

COLDEST, WARMEST = Decimal(-273), Decimal(100)


def named(text: str, *, field: str, what: str) -> str:
    """The text without spaces around it; a blank one names nothing."""
    if not text.strip():
        raise Malformed(f"Say {what}.", field=field)
    return text.strip()


def may_leave(findings: Sequence[tuple[str, str]]) -> None:
    """Every reason at once, so that nobody runs twice to the freezer."""
    if findings:
        raise Unfit("The bag stays: " + " ".join(sentence for _, sentence in findings),
                    reasons=tuple(dict.fromkeys(reason for reason, _ in findings)))


def thawed_all_the_same(title: str, findings: Sequence[tuple[str, str]], why: str | None) -> None:
    """What may not be used is thawed only by somebody who read that, and says why."""
    if findings and not (why or "").strip():
        raise Unfit(f"Leave {title} frozen: " + " ".join(sentence for _, sentence in findings)
                    + " Thawed cells are not frozen again. If it is to be thawed all the same, say why.",
                    field="why", reasons=tuple(dict.fromkeys(reason for reason, _ in findings)))


def temperature_makes_sense(celsius: Decimal) -> None:
    """Between absolute zero and boiling water."""
    if not COLDEST <= celsius <= WARMEST:
        raise Malformed(f"{celsius} °C is no temperature of a transport box: read the logger "
                        "again.", field="celsius")


def read_during(read_at: datetime, given_at: datetime, ended_at: datetime | None,
                at: datetime, known: Sequence[datetime]) -> None:
    """A reading belongs to the journey: after the bag was given out, before it was taken over."""
    not_in_the_future(read_at, at, field="read_at")
    not_before(read_at, given_at, field="read_at", what="the handover to this journey")
    if ended_at is not None and read_at > ended_at:
        raise Malformed("This reading is from after the end of the journey: it says nothing about "
                        "the bag.", field="read_at")
    if read_at in known:
        raise AlreadyDone("The reading of this moment is recorded. If it is wrong, open a "
                          "deviation on the journey.", field="read_at")


def outside(celsius: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether the bag was too cold or too warm; both limits are still good."""
    return not low <= celsius <= high


def took_too_long(given_at: datetime, received_at: datetime, hours_max: int) -> bool:
    """Whether the journey was longer than the protocol's hours."""
    return received_at - given_at > timedelta(hours=hours_max)


def may_come_back(thawed: bool, expired: bool, open_excursions: int) -> None:
    """A thawed, expired or unjudged bag does not go back into the tank."""
    findings = [sentence for wrong, sentence in (
        (thawed, "It was thawed, and a thawed bag is not frozen again: destroy it."),
        (expired, "Its expiry has passed: destroy it."),
        (open_excursions > 0, "A temperature excursion of its journey is not judged: judge it "
                              "first, or destroy the bag."),
    ) if wrong]
    if findings:
        raise Unfit("The bag cannot go back into stock: " + " ".join(findings))


def not_judged(judged_at: datetime | None) -> None:
    """An excursion is judged once."""
    if judged_at is not None:
        raise AlreadyDone("This excursion was judged. What is learnt later is a deviation.")


def on_a_journey(found: object | None) -> None:
    """There must be a journey under way."""
    if found is None:
        raise WrongMoment("This bag is on no journey: nobody gave it out, or it was taken over.")
