"""Trying a scanner, and counting what was scanned and what had to be typed instead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from labels import housecode, keyboards
from mscbank.accounts.models import Account
from mscbank.bags.models import Bag
from mscbank.custody.models import Journey
from mscbank.database import aside, session
from mscbank.labelling.models import LabelCopy, LabelPrint, Printer
from mscbank.scanning.models import Scan, ScannerTrial
from mscbank.scanning.reading import Problem
from mscbank.settings import local

# Every sign that stands in a code of this bank or in an ISBT 128 symbol.
TEST = "MB0:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=%*+-./$&"
LONGEST = 400
FAILED = frozenset(str(problem) for problem in Problem)
SPAN = timedelta(days=30)


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


@dataclass(frozen=True)
class Counts:
    """What was scanned in so many days, and where codes could not be read: by answer, by label,
    by printer and by ward. A code that had to be typed counts as one its label did not give."""

    scans: int
    answers: list[tuple[str, int]]
    labels: list[tuple[str, int]]
    printers: list[tuple[str, int]]
    wards: list[tuple[str, int]]


def latest(limit: int = 100) -> list[Line]:
    """The last scans, newest first."""
    rows = session.execute(
        sa.select(Scan.at, Account.username, Scan.text, Scan.how, Scan.answer)
        .join(Account, Account.id == Scan.account_id).order_by(Scan.id.desc()).limit(limit))
    return [Line(row.at, row.username, row.text, row.how, row.answer) for row in rows]


def counts(at: datetime) -> Counts:
    """The last thirty days."""
    rows = session.execute(sa.select(Scan.text, Scan.how, Scan.answer)
                           .where(Scan.at > at - SPAN)).all()
    answers = Counter(row.answer for row in rows if row.answer in FAILED)
    typed = Counter(code.text for row in rows if row.how == "keyed" and (code := _code(row.text)))
    by_printer: Counter[str] = Counter()
    by_ward: Counter[str] = Counter()
    for text, times in typed.items():
        code = housecode.parse(text)
        by_printer[_printer(code.code, code.copy)] += times
        by_ward[_ward(code.code)] += times
    return Counts(len(rows), answers.most_common(), [
        (housecode.format(text), times) for text, times in typed.most_common(20)],
        by_printer.most_common(), by_ward.most_common())


def _code(text: str) -> housecode.Code | None:
    return housecode.parse(text) if housecode.is_valid(text) else None


def _printer(code: str, copy: int | None) -> str:
    """The printer a label's copy came from, or paper where none is known."""
    found = session.scalars(
        sa.select(Printer.name).join(LabelPrint, LabelPrint.printer_id == Printer.id)
        .join(LabelCopy, LabelCopy.id == LabelPrint.copy_id)
        .where(LabelCopy.about == code, LabelCopy.number == copy if copy else sa.true())
        .order_by(LabelPrint.id.desc()).limit(1)).first()
    return found or "no printer of the queue"


def _ward(code: str) -> str:
    """Where the bag of this code went last."""
    found = session.scalars(
        sa.select(Journey.destination).join(Bag, Bag.id == Journey.bag_id)
        .where(Bag.code == code).order_by(Journey.id.desc()).limit(1)).first()
    return found or "not given out"
