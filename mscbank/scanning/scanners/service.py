"""Trying a scanner, and the log of what was scanned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from labels import keyboards
from mscbank.accounts.models import Account
from mscbank.database import aside, session
from mscbank.scanning.models import Scan, ScannerTrial
from mscbank.settings import local

# Every sign that stands in a code of this bank or in an ISBT 128 symbol.
TEST = "MB0:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=%*+-./$&"
LONGEST = 400


def fault_of(read: str) -> str:
    """What is wrong with a scanner that typed this for the test code; empty when nothing is."""
    if read == TEST:
        return ""
    for meant, happened in keyboards.retyped(read):
        if meant == TEST:
            what_next = ("set its keyboard layout to this computer's." if "keyboard" in happened
                         else "switch it off on this computer.")
            return f"{happened[:1].upper()}{happened[1:]}: {what_next}"
    if read and (TEST.startswith(read) or TEST.endswith(read)):
        return "Signs were lost: make the scanner type more slowly (its inter-character delay)."
    wrong = sum(one != other for one, other in zip(read, TEST, strict=False)) + abs(
        len(read) - len(TEST))
    return (f"{wrong} of {len(TEST)} signs are wrong. Set the scanner's keyboard layout to this "
            "computer's, without a prefix, ended by Enter.")


def try_scanner(read: str, scanner: str, place: str, device: str, account_id: int,
                at: datetime) -> str:
    """Keep a trial; returns the fault, empty for a pass."""
    fault = fault_of(read)
    with aside() as connection:
        connection.execute(sa.insert(ScannerTrial), {
            "at": at, "account_id": account_id, "device": device, "scanner": scanner[:60],
            "place": place[:60], "passed": not fault, "read": read[:LONGEST],
            "fault": fault[:200]})
    return fault


def last_trial(device: str) -> ScannerTrial | None:
    """The latest trial on this device."""
    return session.scalars(sa.select(ScannerTrial).where(ScannerTrial.device == device)
                           .order_by(ScannerTrial.id.desc()).limit(1)).first()


def tried_today(device: str, at: datetime) -> bool:
    """Whether the latest trial on this device is of today, on the site's calendar, and passed."""
    last = last_trial(device) if device else None
    return bool(last and last.passed and local(last.at).date() == local(at).date())


@dataclass(frozen=True)
class Line:
    """One scan, as the log tells it."""

    at: datetime
    by: str
    text: str
    how: str
    answer: str


def latest(limit: int = 100) -> list[Line]:
    """The last scans, newest first."""
    rows = session.execute(
        sa.select(Scan.at, Account.username, Scan.text, Scan.how, Scan.answer)
        .join(Account, Account.id == Scan.account_id).order_by(Scan.id.desc()).limit(limit))
    return [Line(row.at, row.username, row.text, row.how, row.answer) for row in rows]

