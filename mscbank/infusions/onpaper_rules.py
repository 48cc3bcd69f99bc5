"""What is allowed of an infusion that was begun on paper, and what is said of it. Pure.

It has happened: what stood against it is kept and told. Refused is only what would make the record
speak of another person, another bag or another hour than the sheet does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from mscbank.errors import Malformed, NotAllowed, Unfit
from mscbank.infusions.findings import Finding, Reason
from mscbank.rules import moment_told, not_in_the_future

NOT_ENTERED = frozenset({Reason.CANNOT_TELL, Reason.NOT_KNOWN, Reason.ALREADY_DONE,
                         Reason.WRONG_RECIPIENT, Reason.NOT_ORDERED})


def may_be_told(findings: Sequence[Finding]) -> None:
    """This bag, ordered for this person. Anything else is no entry but an emergency."""
    against = [finding for finding in findings if finding.reason in NOT_ENTERED]
    if not against:
        return
    said = " ".join(finding.sentence for finding in against)
    raise Unfit(f"{said} If the bag was given so all the same: call physician and quality "
                "assurance now, and open a critical deviation.", field="wristband",
                reasons=tuple(str(finding.reason) for finding in against))


def sheet_times(began_at: datetime, ended_at: datetime | None, given_out_at: datetime,
                at: datetime) -> None:
    """The sheet's hours have passed, follow each other, and lie after the bag was given out."""
    not_in_the_future(began_at, at, field="began_at")
    if began_at < _minute(given_out_at):
        shown = moment_told(given_out_at.astimezone(at.tzinfo))
        raise Malformed(f"The bag was given out at {shown}: it cannot have begun before. Read "
                        "the sheet again.", field="began_at")
    if ended_at is None:
        return
    not_in_the_future(ended_at, at, field="ended_at")
    if ended_at <= began_at:
        raise Malformed("It ended after it began: read the sheet again.", field="ended_at")


def seen_by_now(seen_at: datetime, at: datetime) -> None:
    """Vital signs on a sheet were taken."""
    not_in_the_future(seen_at, at, field="vital_signs")


def whole_end(ended_at: datetime | None, volume_ml: Decimal | None, stopped: str | None) -> None:
    """An end has its hour and its volume; a bag that still runs has neither."""
    if ended_at is None and (volume_ml is not None or stopped):
        raise Malformed("Give the hour at which it ended; left empty, it still runs.",
                        field="ended_at")
    if ended_at is not None and volume_ml is None:
        raise Malformed("Give the volume that ran in, in mL, as the sheet says.",
                        field="volume_given_ml")


def two_on_the_sheet(first: str, second: str) -> None:
    """Two people checked, also on paper."""
    if first == second:
        raise Malformed("Two people check a bag, also on paper: name the other one.",
                        field="checked_again_by")


def could_infuse(username: str, could: bool, *, field: str) -> None:
    """Whoever signed the sheet was then somebody who may infuse."""
    if not could:
        raise Malformed(f"{username} was nobody who may infuse at that hour: read the sheet again.",
                        field=field)


def witnessed(witness: bool) -> None:
    """Sheet, label and band are compared by two, each on their own credentials."""
    if not witness:
        raise NotAllowed("A second person must compare the sheet too, with their own user name "
                         "and password.", reasons=("second person missing",))


def after_its_order(began_at: datetime, ordered_at: datetime, received_at: datetime,
                    shown_in: datetime) -> list[Finding]:
    """What came too late for this start: the order, and the receipt on the ward."""
    found = []
    if began_at < _minute(ordered_at):
        found.append(Finding(Reason.NOT_ORDERED, (
            f"The order was signed at {_told(ordered_at, shown_in)}, after the bag was begun.")))
    if began_at < _minute(received_at):
        found.append(Finding(Reason.CUSTODY_GAP, (
            f"The bag was taken over at {_told(received_at, shown_in)}, after it was begun.")))
    return found


def deviation_told(title: str, number: str, began_at: datetime, ended_at: datetime | None,
                   why: str, findings: Sequence[Finding], shown_in: datetime) -> str:
    """What the deviation says; the findings in words stand with the infusion."""
    end = (f"It ended at {_told(ended_at, shown_in)}." if ended_at else
           "It was still running when this was entered.")
    reasons = ", ".join(dict.fromkeys(str(finding.reason) for finding in findings))
    against = (f"Against it stood: {reasons}." if reasons else
               "Nothing in the record stood against it.")
    return (f"{title} was given to {number} on paper, without the bank's check, at "
            f"{_told(began_at, shown_in)}. {end} {why} {against}")


def _minute(at: datetime) -> datetime:
    """A sheet tells minutes: what was done in the same minute was not too late for it."""
    return at.replace(second=0, microsecond=0)


def _told(at: datetime, shown_in: datetime) -> str:
    return moment_told(at.astimezone(shown_in.tzinfo))
