"""What is wrong with a text that names nothing; and the state of a thing in words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from labels import housecode, signed
from labels.isbt128 import din
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture, ReagentLot
from mscbank.custody.models import Excursion, Journey
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Check, Infusion, Order
from mscbank.labelling import contents
from mscbank.recipients.models import Wristband
from mscbank.release.models import Deviation, Hold
from mscbank.testing.models import Result

# The row of figures of a French keyboard without Shift, and what German ones give for = & / ?.
FRENCH_FIGURES = frozenset("&é\"'(-è_çà")
OTHER_LETTERS = frozenset("éèçàùâêîôûÉÈÇÀÙäöüÄÖÜß§´`°²µ¨£")


class Problem(StrEnum):
    """Why a scan leads to no thing that may be used."""

    UNKNOWN = "unknown"
    DAMAGED = "damaged"
    OLD_LABEL = "old label"
    OTHER_BANK = "another bank's"
    FORGED = "forged"
    KEYBOARD = "wrong keyboard"
    INCOMPLETE = "incomplete"


def is_mangled(text: str) -> bool:
    """Whether a scanner set to another keyboard typed this."""
    figures = sum(sign in FRENCH_FIGURES for sign in text)
    return bool(OTHER_LETTERS & set(text)) or (figures > 3 and not any(map(str.isdecimal, text)))


def what_is_wrong(text: str) -> tuple[Problem, str, str | None]:
    """The problem, what to do, and a code to propose where one can be made out."""
    if (repaired := housecode.repair(text)) is not None:
        code, happened = repaired
        return Problem.KEYBOARD, (
            f"This is not a code as it stands; probably {happened}. Compare "
            f"{housecode.format(code)} with the label, then confirm it."), code
    if (repaired := din.repair(text)) is not None:
        number, happened = repaired
        return Problem.KEYBOARD, (
            f"This is not a number as it stands; probably {happened}. Compare "
            f"{din.format(number)} with the label, then confirm it."), number
    if (repaired := signed.repair(text, contents.public_keys())) is not None:
        whole, happened = repaired
        facts = signed.verify(whole, contents.public_keys())
        small = housecode.copy_text(facts.bag, facts.copy)
        return Problem.KEYBOARD, (
            f"The large code did not come as it stands; probably {happened}. Compare "
            f"{housecode.format(small)} with the small code beneath it, then confirm it."), small
    if is_mangled(text):
        return Problem.KEYBOARD, (
            "This scanner types for another keyboard than this computer's: scan the small house "
            "code, whose letters are the same on all of them, or have the scanner set."), None
    letters = housecode.compact(text)
    known = sum(letter in housecode.ALPHABET for letter in letters)
    if len(letters) >= 10 and known >= len(letters) * 3 // 4:
        return Problem.DAMAGED, f"This code is damaged: {_why_damaged(text)}.", None
    return Problem.UNKNOWN, (
        "This is no code or number of this bank. Scan the code with the letters beneath it, or "
        "type a number as it is printed, such as R-001 or L26-001."), None


def _why_damaged(text: str) -> str:
    try:
        housecode.validate(text)
    except housecode.CodeError as error:
        return str(error)
    raise AssertionError("a sound code is not damaged")


_STATES: dict[type[Any], Any] = {
    Bag: lambda bag: f"{bag.place}; lot {bag.lot.standing}",
    Lot: lambda lot: str(lot.standing),
    StoragePlace: lambda place: "taken" if place.bags or place.cryo_units else "free",
    CryoUnit: lambda unit: str(unit.place),
    Culture: lambda culture: culture.ended_as or "growing",
    ReagentLot: lambda reagent: str(reagent.standing),
    Harvest: lambda harvest: ("arrived" if harvest.received_at else
                              "on the way" if harvest.dispatched_at else "collected"),
    Wristband: lambda band: "ended" if band.ended_at else "worn",
    Journey: lambda journey: ("came back" if journey.returned_at else
                              "arrived" if journey.received_at else "on the way"),
    Excursion: lambda excursion: "judged" if excursion.judged_at else "open",
    Hold: lambda hold: "lifted" if hold.lifted_at else "in force",
    Deviation: lambda deviation: "closed" if deviation.closed_at else "open",
    Result: lambda result: ("pending" if result.pending else
                            "confirmed" if result.confirmed_at else "not confirmed"),
    Order: lambda order: "cancelled" if order.cancelled_at else "ordered",
    Check: lambda check: check.verdict,
    Infusion: lambda infusion: str(infusion.ending or "running"),
}


def state_of(thing: Any) -> str:
    """The state of a thing in a word or two; empty where it has none."""
    say = _STATES.get(type(thing))
    return say(thing) if say else ""


def where(thing: Any) -> str:
    """Where a bag is: its position in the tank, or where it went."""
    if not isinstance(thing, (Bag, CryoUnit)):
        return ""
    if thing.storage_place is not None:
        return thing.storage_place.title
    return thing.journeys[-1].destination if getattr(thing, "journeys", None) else ""
