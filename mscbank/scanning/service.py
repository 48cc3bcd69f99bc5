"""A scanned text -> the thing it names, or what is wrong with it and what to do.

Understands house codes, texts of label copies, signed label texts, donation numbers and ISBT 128
messages, and the numbers people read aloud. Looking up writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labels import housecode, signed
from labels.isbt128 import din as donation_number
from labels.isbt128 import message, product
from labels.isbt128.errors import FormatError
from mscbank.acts import Act, acts_on, why_not
from mscbank.bags import cryo
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import ReagentLot
from mscbank.cultures.reagents import may_be_used
from mscbank.custody import service as custody
from mscbank.database import note, session
from mscbank.donors.models import Donor
from mscbank.errors import Refused
from mscbank.harvests.models import Harvest
from mscbank.labelling import contents
from mscbank.labelling import rules as label_rules
from mscbank.labelling.service import as_rule, copies_of
from mscbank.permissions import Actor
from mscbank.recipients.models import Recipient
from mscbank.release.models import Deviation
from mscbank.rules import moment_told
from mscbank.scanning import reading
from mscbank.scanning.models import Scan
from mscbank.scanning.reading import Problem
from mscbank.settings import local, settings
from mscbank.things import KINDS, with_code

LONGEST, LONGEST_NUMBER = 400, 20
_KEEP = sa.insert(Scan.__table__).inline().values({
    name: sa.bindparam(name)
    for name in ("at", "account_id", "text", "answer", "how", "device", "bedside")})
HOW = ("scanner", "camera", "keyed")
NUMBERED: tuple[tuple[type[Any], str], ...] = (
    (Recipient, "number"), (Donor, "number"), (Lot, "number"), (Deviation, "number"),
    (Harvest, "din"),
)


@dataclass(frozen=True)
class Scanned:
    """What a text is. Either ``thing`` is set, or ``problem`` with ``sentence`` (what is wrong
    and what to do); a voided label has both. ``proposal`` is a code the person may confirm.
    ``state`` and ``where`` are read when they are asked for: the bedside asks for neither."""

    text: str
    thing: Any | None = None
    kind: str = ""
    copy: int | None = None
    copy_state: label_rules.CopyState | None = None
    problem: Problem | None = None
    sentence: str = ""
    proposal: str | None = None

    @property
    def word(self) -> str:
        """The answer in a word, for the scan log."""
        return str(self.problem or self.kind)

    @property
    def state(self) -> str:
        """How the thing stands, in a word or two."""
        return reading.state_of(self.thing)

    @property
    def where(self) -> str:
        """Where a bag or cryo unit is."""
        return reading.where(self.thing)


class _Wrong(Exception):
    """The text leads to no thing. Caught by ``look_up`` alone."""

    def __init__(self, problem: Problem, sentence: str, proposal: str | None = None):
        super().__init__(sentence)
        self.problem, self.sentence, self.proposal = problem, sentence, proposal


def look_up(text: str) -> Scanned:
    """What the text is. Never raises for anything that can be scanned."""
    text = text.strip("\t\r\n")  # a signed text may end in a space
    try:
        thing, copy = _find(text)
    except _Wrong as wrong:
        return Scanned(text[:LONGEST], problem=wrong.problem, sentence=wrong.sentence,
                       proposal=wrong.proposal)
    return _answer(text, thing, copy)


def _find(text: str) -> tuple[Any, int | None]:
    """The thing and, where a label was scanned, which copy."""
    if not text.strip():
        raise _Wrong(Problem.UNKNOWN, "Nothing was read: scan again.")
    if len(text) > LONGEST:
        raise _Wrong(Problem.UNKNOWN, "This is far longer than any code of this bank: scan the "
                                      "code on the label, not another one beside it.")
    if text.startswith(signed.FORM_MARK + ":"):
        return _by_signed(text)
    if text.startswith(("=", "&")) and not reading.is_mangled(text):
        return _by_isbt(text), None
    if housecode.is_valid(text):
        parsed = housecode.parse(text)
        return _by_code(parsed.code), parsed.copy
    if (found := _by_number(text)) is not None:
        return found, None
    if donation_number.is_valid(text):
        raise _Wrong(*_no_such_donation(donation_number.validate(text)))
    raise _Wrong(*reading.what_is_wrong(text))


def _by_code(code: str) -> Any:
    model = KINDS.get(code[:2])
    found = model and session.scalar(with_code(model), {"code": code})
    if not found:
        raise _Wrong(Problem.OTHER_BANK, "This code is sound, and nothing here has it: it may be "
                     "another bank's. Do not use what it is on; ask quality assurance.")
    return found


def _by_signed(text: str) -> tuple[Any, int]:
    """The bag and copy of a signed label, if it is genuine and says what the record says."""
    try:
        facts = signed.verify(text, contents.public_keys())
    except signed.UnknownKey as error:
        raise _Wrong(Problem.OTHER_BANK, f"Do not use it: {error}.") from error
    except signed.Forged as error:
        raise _Wrong(Problem.FORGED, f"STOP: {error}.") from error
    except (signed.SignedTextError, housecode.CodeError, FormatError) as error:
        raise _Wrong(Problem.DAMAGED, f"The large code is not whole: {error}. Scan again, or scan "
                                      "the small code.") from error
    bag = _by_code(facts.bag)
    if (facts.din, facts.recipient) != (bag.lot.harvest.din, bag.lot.harvest.donor.recipient.code):
        raise _Wrong(Problem.FORGED, "STOP: this label is genuine and names another donation or "
                     "recipient than the record of its bag: do not use the bag, call quality "
                     "assurance.")
    return bag, facts.copy


def _by_isbt(text: str) -> Any:
    """The harvest of a donation number, or the bag of donation number and product code."""
    try:
        if text.startswith(message.IDENTIFIER):
            parts = message.parse(text)
        elif text.startswith((product.IDENTIFIER, "&")):
            raise _Wrong(Problem.INCOMPLETE, "This is the product code or the expiry alone, and "
                         "many bags share it: scan the square symbol or the house code.")
        else:
            parts = message.Message("000", din=donation_number.from_symbol(text))
    except FormatError as error:
        raise _Wrong(Problem.DAMAGED, f"This ISBT 128 symbol cannot be read: {error}. Scan the "
                                      "house code beside it.") from error
    if parts.din is None:
        raise _Wrong(Problem.INCOMPLETE, "This symbol has no donation number: scan the house code "
                                         "beside it.")
    harvest = session.scalar(sa.select(Harvest).where(Harvest.din == parts.din))
    if harvest is None:
        raise _Wrong(*_no_such_donation(parts.din))
    return harvest if parts.product is None else _bag_of(harvest, parts.product)


def _bag_of(harvest: Harvest, wanted: str) -> Bag:
    bags = (bag for lot in harvest.lots for bag in lot.bags)
    found = next((bag for bag in bags if contents.product_of(bag) == wanted), None)
    if found is None:
        raise _Wrong(Problem.UNKNOWN, f"No bag of {harvest.title} has the product code {wanted}: "
                                      "do not use it; ask quality assurance.")
    return found


def _no_such_donation(din: str) -> tuple[Problem, str]:
    there, here = din[:5], settings().facility
    if there != here and din.isdigit():  # as the bar code of a medicine is, which is as long
        return Problem.OTHER_BANK, (
            f"This is the number of an article, such as a medicine, or a donation number of facility "
            f"{there}, and this is {here}. Do not use what it is on; ask quality assurance.")
    if there != here:
        return Problem.OTHER_BANK, (
            f"This is a donation number of facility {there}, and this is {here}. "
            "Do not use what it is on; ask quality assurance.")
    return Problem.UNKNOWN, ("This is a donation number of this bank, and no harvest has it: "
                             "compare it with the label, and ask quality assurance.")


def _by_number(text: str) -> Any | None:
    """The thing people call by this number: R-001, D-001, L26-001, a deviation, a donation."""
    wanted = text.strip().upper()
    if donation_number.is_valid(text):
        wanted = donation_number.validate(text)
    if not wanted.isascii() or not wanted.isprintable() or len(wanted) > LONGEST_NUMBER:
        return None
    for model, column in NUMBERED:
        found = session.scalar(sa.select(model).where(getattr(model, column) == wanted))
        if found is not None:
            return found
    return None


def _answer(text: str, thing: Any, copy: int | None) -> Scanned:
    shown = {"text": text, "thing": thing, "kind": housecode.parse(thing.code).type.title,
             "copy": copy}
    if copy is None:
        return Scanned(**shown)
    copies = [as_rule(each) for each in copies_of(thing.code)]
    try:
        known = label_rules.that_copy(thing.code, housecode.parse(
            housecode.copy_text(thing.code, copy)), copies)
    except Refused as refusal:
        voided = any(each.number == copy for each in copies)
        return Scanned(
            **shown, copy_state=label_rules.CopyState.VOIDED if voided else None,
            problem=Problem.OLD_LABEL if voided else Problem.UNKNOWN, sentence=refusal.sentence)
    return Scanned(**shown, copy_state=known.state)


# By the rule of the act.
_RULES: dict[type[Any], Callable[[Any, datetime], None]] = {
    ReagentLot: may_be_used, CryoUnit: cryo.in_time}


def stops(thing: Any, at: datetime) -> tuple[str, ...]:
    """What speaks against using this bag, cryo unit or reagent; empty for anything else."""
    if (rule := _RULES.get(type(thing))) is not None:
        try:
            rule(thing, at)
        except Refused as refusal:
            return (refusal.sentence,)
    if not isinstance(thing, Bag):
        return ()
    return tuple(sentence for _, sentence in custody.stops(thing, at))


def acts_now(thing: Any, by: Actor) -> list[tuple[Act, str | None]]:
    """Every act on this kind of thing, each with the reason why this person cannot do it now."""
    return [(act, why_not(act, thing, by)) for act in acts_on(thing)]


def log(text: str, answer: str, account_id: int, at: datetime, *, how: str = "",
        device: str = "", bedside: bool = False) -> bool:
    """Keep that something was scanned, in a transaction of its own, outside the trail. A sound code
    is kept as it is written, not in the groups in which it was typed.

    The answer was given already; a log that cannot be written does not take it back, and is
    reported to the operator (returns False).
    """
    kept = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    kept = housecode.compact(kept) if housecode.is_valid(kept) else kept[:LONGEST]
    row = {"at": at, "account_id": account_id, "text": kept, "answer": answer[:40],
           "how": how if how in HOW else "", "device": device, "bedside": bedside}
    try:
        note(_KEEP, row)
    except SQLAlchemyError:
        logging.getLogger(__name__).exception("a scan was not logged")
        return False
    return True


def last_scans(thing: Any, limit: int = 20) -> list[str]:
    """When and with what answer the codes of this thing were scanned, newest first."""
    rows = session.execute(
        sa.select(Scan.at, Scan.answer).where(Scan.text.startswith(thing.code, autoescape=True))
        .order_by(Scan.id.desc()).limit(limit))
    return [f"{moment_told(local(row.at))}: {row.answer}" for row in rows]
