"""An infusion that was given on paper while the bank could not be reached, entered afterwards.

It is the one way to a start without a go. So it is no shortcut: two people enter it from the signed
sheet, it is a deviation each time, physician and quality assurance are called, and all that the
check would have said is kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.models import Account, RoleHeld
from mscbank.accounts.service import find_account, raise_alert
from mscbank.acts import Offer
from mscbank.audit.service import record
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import ON_PAPER
from mscbank.bags.models import Bag
from mscbank.database import current, session
from mscbank.infusions import dose, onpaper_rules, pace, service
from mscbank.infusions.facts import Judged, judge
from mscbank.infusions.findings import Finding
from mscbank.infusions.models import (
    Ending,
    Infusion,
    Observation,
    Order,
    PaperStart,
)
from mscbank.infusions.orders import protocol_of
from mscbank.permissions import CHART, Actor, Permission, Role, another_person
from mscbank.release import stops
from mscbank.release.models import Deviation, Severity
from mscbank.rules import count_told, moment_told
from mscbank.settings import local
from mscbank.usual import UnusualValue, held_against


@dataclass(frozen=True)
class Sheet:
    """What the signed sheet says of a start, and who signed it."""

    began_at: datetime
    first: Account
    second: Account
    why: str
    witness: Actor


def enter(
    bag: Bag, wristband: str, began_at: datetime, checked_by: str, checked_again_by: str, why: str,
    ended_at: datetime | None = None, volume_given_ml: Decimal | None = None,
    stop_reason: str | None = None, too_quick: str | None = None,
    vital_signs: Sequence[Mapping[str, Any]] = (), why_unusual: str | None = None, *,
    second: Actor | None, by: Actor, at: datetime,
) -> Infusion:
    """Enter what was given on paper: as it was, with every reason that stood against it.

    ``wristband`` is the text of the band on the wrist; ``checked_by`` and ``checked_again_by`` the
    user names of who signed the sheet. Without ``ended_at`` the bag still runs, and goes on by the
    ordinary acts. ``vital_signs``: ``{"at": moment, "temperature_c": ..., "pulse": ...}`` each;
    ``why_unusual`` is asked once for all of them that are out of the usual.
    """
    by.must(Permission.INFUSE)
    may_be_entered(bag)
    at = max(at, current().at)
    onpaper_rules.witnessed(second is not None)
    second.must(Permission.INFUSE)
    another_person(second, than=by.id, who="enters this sheet")
    journey = bag.journeys[-1]
    onpaper_rules.sheet_times(began_at, ended_at, journey.given_at, local(at))
    onpaper_rules.whole_end(ended_at, volume_given_ml, stop_reason)
    sheet = Sheet(began_at, *_signed(checked_by, checked_again_by, began_at),
                  dose.said(why, field="why"), second)
    judged = judge(bag.code, wristband, at, began_at=began_at)
    onpaper_rules.may_be_told(judged.findings)
    order = session.get_one(Order, judged.order_id)
    findings = (*judged.findings, *onpaper_rules.after_its_order(
        began_at, order.recorded_at, journey.received_at, local(at)))
    deviation = _deviation(bag, order, sheet, ended_at, findings, by, at)
    infusion = _begin(bag, judged, sheet, findings, deviation, by, at)
    _keep_signs(infusion, vital_signs, ended_at, why_unusual, by, at)
    _alert(infusion, findings, deviation, at)
    record(ON_PAPER, bag, by=by, at=at, reason=sheet.why, infusion=infusion.code,
           recipient=order.recipient.number, second=second.code, checked_by=sheet.first.code,
           checked_again_by=sheet.second.code, began_at=began_at, deviation=deviation.code,
           reasons=[finding.reason for finding in findings], vital_signs=len(vital_signs))
    if ended_at is not None:
        ending = Ending.STOPPED if stop_reason else Ending.FINISHED
        service.end(infusion, volume_given_ml, ending, stop_reason, too_quick or stop_reason,
                    ended_at=ended_at, by=by, at=at)
    return infusion


def may_be_entered(bag: Bag) -> None:
    """Refuse a bag that was started before, or that is not on the ward."""
    service.may_be_started(bag)
    bags.may_move(bag, ON_PAPER)


def offers(bag: Bag, typed: Mapping[str, str]) -> dict[str, Offer]:
    """Who may have signed the sheet: all who may infuse, also those who have left since."""
    held = sa.select(RoleHeld.account_id).where(RoleHeld.role.in_(CHART[Permission.INFUSE]))
    people = tuple((person.username, person.name) for person in session.scalars(
        sa.select(Account).where(Account.id.in_(held)).order_by(Account.name)))
    return {"checked_by": Offer(people), "checked_again_by": Offer(people)}


def _signed(first: str, second: str, began_at: datetime) -> tuple[Account, Account]:
    """Who signed the sheet: two people who might infuse when it began."""
    onpaper_rules.two_on_the_sheet(first, second)
    found = []
    for username, field in ((first, "checked_by"), (second, "checked_again_by")):
        account = find_account(username)
        could = account is not None and not account.roles_at(began_at).isdisjoint(
            CHART[Permission.INFUSE])
        onpaper_rules.could_infuse(username, could, field=field)
        found.append(account)
    return found[0], found[1]


def _deviation(bag: Bag, order: Order, sheet: Sheet, ended_at: datetime | None,
               findings: Sequence[Finding], by: Actor, at: datetime) -> Deviation:
    severity = Severity.CRITICAL if findings else Severity.MAJOR
    return stops.open_deviation(order.code, severity, onpaper_rules.deviation_told(
        bag.title, order.recipient.number, sheet.began_at, ended_at, sheet.why, findings,
        local(at)), by=by, at=at)


def _begin(bag: Bag, judged: Judged, sheet: Sheet, findings: Sequence[Finding],
           deviation: Deviation, by: Actor, at: datetime) -> Infusion:
    paper = PaperStart(
        bag_id=bag.id, wristband_id=judged.wristband_id, began_at=sheet.began_at,
        first_id=sheet.first.id, second_id=sheet.second.id, witness_id=sheet.witness.id,
        why=sheet.why, reasons=[finding.reason for finding in findings],
        told=[finding.sentence for finding in findings], deviation_id=deviation.id,
        recorded_by_id=by.id, recorded_at=at)
    session.add(paper)
    session.flush()  # the database lets such a bag begin only once its sheet is there
    bags.move(bag, ON_PAPER, by=by, at=sheet.began_at)
    session.flush()
    infusion = Infusion(
        bag_id=bag.id, order_id=judged.order_id, recipient_id=judged.recipient_id,
        paper=paper, started_at=sheet.began_at,
        not_before=pace.not_before(sheet.began_at, service.minutes_of(judged.order_id, bag)),
        recorded_by_id=by.id, recorded_at=at)
    session.add(infusion)
    session.flush()
    return infusion


def _keep_signs(infusion: Infusion, vital_signs: Sequence[Mapping[str, Any]],
                ended_at: datetime | None, why: str | None, by: Actor, at: datetime) -> None:
    minutes, odd = protocol_of(infusion.recipient).infusion.observation_minutes[-1], []
    for signs in vital_signs:
        values = {name: value for name, value in signs.items() if name != "at"}
        dose.vital_signs(**values)
        dose.within(infusion.started_at, ended_at, timedelta(minutes=minutes), signs["at"],
                    "an observation")
        onpaper_rules.seen_by_now(signs["at"], at)
        try:
            asked = held_against("observation", values, why, at)
        except UnusualValue as unusual:
            odd += [f"Vital signs of {moment_told(local(signs['at']))}.", unusual.told]
            continue
        session.add(Observation(
            infusion=infusion, at=signs["at"], **values, **asked, recorded_by_id=by.id,
            recorded_at=at))
    if odd:
        raise UnusualValue(" ".join(odd))


def _alert(infusion: Infusion, findings: Sequence[Finding], deviation: Deviation,
           at: datetime) -> None:
    against = f" {count_told(len(findings), 'reason')} stood against it." if findings else ""
    for role in (Role.PHYSICIAN, Role.QUALITY):
        raise_alert(role, infusion, (
            f"{infusion.title} was given on paper to {infusion.recipient.number}.{against} "
            f"Deviation {deviation.number}."), at=at, signed=bool(findings))
