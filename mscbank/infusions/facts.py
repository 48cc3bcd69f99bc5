"""From two scanned texts to the facts, and from the facts to the answer.

The facts come by one Core statement built once, when this module is loaded, so all of them are of
one moment: every look-up is by an index, so the cost does not grow with the number of bags. The
statement always answers with one row; what it does not find is None, and the rule makes of None a
finding, never a yes. Whether what the release was signed over was touched since is one of the
facts; only where it was, the whole record is read and compared. The bedside page, the API, the scan
page, the check and the start itself all call ``judge``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labels import housecode
from mscbank.bags.lifecycle import RELEASED
from mscbank.bags.models import Bag, Lot
from mscbank.custody.models import Excursion, Journey
from mscbank.database import HEAD, current, read, session
from mscbank.infusions.findings import Asked, Facts, Finding, Reason, Word
from mscbank.infusions.models import Infusion, Order, OrderedBag
from mscbank.infusions.rules import verdict, word_for
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import (
    Recipient,
    RecipientConsent,
    TrialPause,
    Weight,
    Wristband,
)
from mscbank.release.models import Decision, Hold
from mscbank.release.record import covered
from mscbank.release.touched import watched
from mscbank.settings import local
from specs import shelf
from specs.protocol import Protocol

LONGEST = 400
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """The answer: one word, every reason, and the facts it rests on (None: none could be read)."""

    word: Word
    findings: tuple[Finding, ...]
    facts: Facts | None
    lot_id: int | None = None
    wristband_id: int | None = None
    order_id: int | None = None
    recipient_id: int | None = None
    protocol: Protocol | None = None  # of the recipient the bag was made for


bag, lot, band, infusion, decision, label, journey, part, order, weight = (
    model.__table__ for model in (Bag, Lot, Wristband, Infusion, Decision, LabelCopy, Journey,
                                  OrderedBag, Order, Weight))
recipient, hold, excursion, consent, pause = (
    model.__table__ for model in (Recipient, Hold, Excursion, RecipientConsent, TrialPause))
_BAG, _BAND = (sa.bindparam(code, type_=sa.String) for code in ("bag_code", "band_code"))


def _number(id_: Any) -> Any:
    """The study number of a recipient."""
    return sa.select(recipient.c.number).where(recipient.c.id == id_).scalar_subquery()


def _latest(table: sa.Table, condition: Any, *first: Any) -> Any:
    """The id of the last row that meets the condition."""
    one = table.alias()
    keys = [one.c[key.name].desc() for key in (*first, table.c.id)]
    return (sa.select(one.c.id).where(condition(one)).order_by(*keys).limit(1)
            .scalar_subquery())


def _how_many(table: sa.FromClause, *conditions: Any) -> Any:
    return sa.select(sa.func.count()).select_from(table).where(*conditions).scalar_subquery()


def _statement() -> sa.Select[Any]:
    one_row = sa.select(sa.literal_column("1").label("one")).subquery("one_row")
    whose = recipient.alias()  # for whom the bag was made
    joined = (
        one_row
        .outerjoin(bag, bag.c.code == _BAG)
        .outerjoin(band, band.c.code == _BAND)
        .outerjoin(lot, lot.c.id == bag.c.lot_id)
        .outerjoin(whose, whose.c.id == lot.c.recipient_id)
        .outerjoin(infusion, infusion.c.bag_id == bag.c.id)
        .outerjoin(decision, decision.c.id == _latest(
            decision, lambda one: one.c.lot_id == bag.c.lot_id))
        .outerjoin(label, sa.and_(label.c.bag_id == bag.c.id, label.c.voided_at.is_(None)))
        .outerjoin(journey, journey.c.id == _latest(
            journey, lambda one: one.c.bag_id == bag.c.id))
        .outerjoin(part, part.c.id == _latest(part, lambda one: one.c.bag_id == bag.c.id))
        .outerjoin(order, order.c.id == part.c.order_id)
        .outerjoin(weight, weight.c.id == _latest(
            weight, lambda one: one.c.recipient_id == band.c.recipient_id, weight.c.measured_at))
    )
    parts, begun = part.alias(), infusion.alias()
    trips = journey.alias()
    latest = decision.alias()
    this_bag = sa.select(bag.c.lot_id).where(bag.c.code == _BAG).scalar_subquery()
    touches = watched(this_bag, sa.select(latest.c.entry).where(
        latest.c.lot_id == lot.c.id).order_by(latest.c.id.desc()).limit(1).scalar_subquery())
    return sa.select(
        bag.c.id.label("bag_id"), bag.c.place, bag.c.expires_at, bag.c.frozen_at,
        bag.c.thaw_expires_at, bag.c.lot_id, lot.c.standing, lot.c.recipient_id,
        decision.c.id.label("decision_id"), decision.c.standing.label("decided"),
        decision.c.entry.label("decided_by_entry"),
        band.c.id.label("band_id"), band.c.ended_at,
        infusion.c.id.label("infusion_id"),
        label.c.number.label("label_number"), label.c.applied_at,
        journey.c.given_by_id, journey.c.received_by_id, journey.c.returned_at,
        order.c.id.label("order_id"), order.c.cancelled_at, order.c.dose_per_kg,
        order.c.tolerance_percent, order.c.given_cells,
        weight.c.kg, weight.c.measured_at,
        whose.c.number.label("bag_is_for"), whose.c.protocol,
        _number(band.c.recipient_id).label("band_is_of"),
        _number(order.c.recipient_id).label("order_is_for"),
        _number(infusion.c.recipient_id).label("started_for"),
        _how_many(hold, hold.c.bag_id == bag.c.id, hold.c.lifted_at.is_(None)).label("bag_holds"),
        _how_many(hold, hold.c.lot_id == bag.c.lot_id,
                  hold.c.lifted_at.is_(None)).label("lot_holds"),
        _how_many(excursion.join(trips, trips.c.id == excursion.c.journey_id),
                  trips.c.bag_id == bag.c.id, excursion.c.judged_at.is_(None)).label("excursions"),
        _how_many(consent, consent.c.recipient_id == band.c.recipient_id,
                  consent.c.withdrawn_at.is_(None)).label("consents"),
        sa.select(sa.func.sum(parts.c.cells)).where(parts.c.order_id == part.c.order_id)
        .scalar_subquery().label("parts_cells"),
        _how_many(pause, pause.c.trial == whose.c.trial,
                  pause.c.resumed_at.is_(None)).label("pauses"),
        _how_many(begun, begun.c.order_id == part.c.order_id).label("begun"),
        sa.select(HEAD.c.at).where(HEAD.c.id == 1).scalar_subquery().label("last_entry_at"),
        touches.last_touch().scalar_subquery().label("last_touch"),
    ).select_from(joined)


FACTS = _statement()


def judge(
    bag_text: str | None, wristband_text: str | None, at: datetime, *, asked: Asked = Asked.LOOK,
    by_id: int | None = None, second_id: int | None = None, agreed: bool | None = None,
    go_until: datetime | None = None, began_at: datetime | None = None,
) -> Judged:
    """May the bag of this text go into the person of this wristband at this moment?

    ``bag_text`` is a label's text (24 letters) or a bag's code (20, as typed). Never raises: a
    text that cannot be read, a code that is not ours and an error on the way are findings.
    The moment is never before the last entry of the trail, so a clock set back revives no bag.
    ``began_at``: what was begun on paper is held against that hour, on the record as it is now.
    """
    bag_code, copy, bag_fault = _read(bag_text, Bag, "bag", "Scan the label on the bag again.")
    band_code, _, band_fault = _read(wristband_text, Wristband, "wristband",
                                     "Scan the band on the wrist again.")
    people = {"asked": asked, "by_id": by_id, "second_id": second_id, "agreed": agreed,
              "go_until": go_until}
    try:
        (row,) = read(FACTS, {"bag_code": bag_code, "band_code": band_code})
        unread = _unread(row, bag_fault, band_fault)
        protocol = shelf.protocol(row.protocol) if row.protocol else None
        facts = _facts(row, began_at or max(at, row.last_entry_at), unread, copy, protocol, people)
        findings = tuple(verdict(facts))
        return Judged(word_for(findings, facts), findings, facts, lot_id=row.lot_id,
                      wristband_id=row.band_id, order_id=row.order_id,
                      recipient_id=row.recipient_id, protocol=protocol)
    except Exception:
        _log.exception("the facts of a verdict could not be read")
        if session.info.get("open") is None:  # inside an act, the act itself undoes everything
            session.rollback()
        return Judged(Word.CANNOT_TELL, (Finding(Reason.CANNOT_TELL, (
            "The record could not be read just now. Do not infuse; scan again, then call the "
            "laboratory.")),), None)


def by_two(judged: Judged, second_id: int, *, agreed: bool) -> Judged:
    """The same facts judged for a check by two, who scanned alike or not. Inside the lock under
    which they were read: nothing of the record can have moved since."""
    current()
    assert judged.facts is not None
    facts = replace(judged.facts, asked=Asked.CHECK, second_id=second_id, agreed=agreed)
    findings = tuple(verdict(facts))
    return replace(judged, word=word_for(findings, facts), findings=findings, facts=facts)


def _read(text: str | None, model: type[Any], wanted: str, again: str,
          ) -> tuple[str, int | None, Finding | None]:
    """The house code in a scanned text, the label's copy, or what is wrong with the text."""
    text = (text or "")[:LONGEST]
    try:
        parsed = housecode.parse(text)
    except housecode.CodeError as error:
        repaired = housecode.repair(text)
        hint = f" Perhaps {repaired[1]}." if repaired else ""
        return "", None, Finding(Reason.CANNOT_TELL, (
            f"The {wanted} could not be read: {error}.{hint} {again}"))
    if parsed.type != model.KIND:
        return "", None, Finding(Reason.CANNOT_TELL, (
            f"This is the code of a {parsed.type.title}, where the {wanted}'s is needed. {again}"))
    return parsed.code, parsed.copy, None


def _unread(row: Any, bag_fault: Finding | None, band_fault: Finding | None,
            ) -> tuple[Finding, ...]:
    found = []
    if bag_fault is not None:
        found.append(bag_fault)
    elif row.bag_id is None:
        found.append(Finding(Reason.NOT_KNOWN, (
            "This bag is not known here: it may be another bank's. Do not infuse; call quality "
            "assurance.")))
    if band_fault is not None:
        found.append(band_fault)
    elif row.band_id is None:
        found.append(Finding(Reason.NOT_KNOWN, (
            "This wristband is not known here. Do not infuse; scan the band on the wrist again, "
            "or issue one.")))
    return tuple(found)


def _facts(row: Any, at: datetime, unread: tuple[Finding, ...], copy: int | None,
           protocol: Protocol | None, people: dict[str, Any]) -> Facts:
    bag_known, band_known = row.bag_id is not None, row.band_id is not None
    back = row.returned_at is not None  # a journey that went back brought nothing here
    return Facts(
        at=local(at), unread=unread, **people,
        place=row.place, expires_at=row.expires_at, thaw_expires_at=row.thaw_expires_at,
        started=row.infusion_id is not None if bag_known else None, started_for=row.started_for,
        frozen=row.frozen_at is not None if bag_known else None,
        standing=row.standing, covered=_covered(row) if bag_known else None,
        holds=row.bag_holds + row.lot_holds if bag_known else None,
        bag_is_for=row.bag_is_for, band_is_of=row.band_is_of,
        band_ended=row.ended_at is not None if band_known else None,
        consents=row.consents > 0 if band_known else None,
        label_number=row.label_number, scanned_copy=copy,
        label_applied=row.applied_at is not None if row.label_number is not None else None,
        given_by_id=None if back else row.given_by_id,
        received_by_id=None if back else row.received_by_id,
        open_excursions=row.excursions if bag_known else None,
        order_is_for=row.order_is_for,
        order_cancelled=row.cancelled_at is not None if row.order_id is not None else None,
        ordered_cells=None if row.order_id is None else row.given_cells + int(row.parts_cells),
        dose_per_kg=row.dose_per_kg, tolerance_percent=row.tolerance_percent,
        weight_kg=row.kg, weighed_at=row.measured_at,
        weight_valid_days=protocol.dose.weight_valid_days if protocol else None,
        paused=row.pauses > 0 and row.begun == 0 if bag_known else None,
    )


def _covered(row: Any) -> bool | None:
    """Whether the standing decision's signature covers what stands now."""
    if row.standing not in RELEASED:
        return None
    if row.decided != row.standing:
        return False
    if row.last_touch is not None and row.last_touch <= row.decided_by_entry:
        return True
    return covered(session.get_one(Lot, row.lot_id))
