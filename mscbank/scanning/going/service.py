"""The scan log read for how scanning goes, and the one notice of it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from labels import housecode
from mscbank.accounts.service import raise_alert
from mscbank.audit.models import Entry
from mscbank.audit.service import record
from mscbank.bags.models import Bag
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.labelling.models import LabelCopy, LabelPrint, Piece, Printer
from mscbank.permissions import SYSTEM, Role
from mscbank.rules import count_told
from mscbank.scanning.going import rules
from mscbank.scanning.going.rules import BAG, BAND, Found, Limits, Read, Share, Sign, Stay
from mscbank.scanning.models import Scan, ScannerTrial
from mscbank.scanning.reading import Problem
from mscbank.settings import settings

SPAN = timedelta(days=30)
A_YEAR = timedelta(days=365)
FAILED = frozenset(str(problem) for problem in Problem)
TOLD = (Role.QUALITY, Role.COORDINATOR)
ACT = "tell how scanning goes"
MOST_SHOWN = 20


@dataclass(frozen=True)
class Looked:
    """One kind of sign: how often it was found, of how many looked at, and the latest of them."""

    sign: Sign
    count: int
    of: int
    found: list[Found]
    loud: bool


@dataclass(frozen=True)
class Going:
    """How scanning went: every sign with its denominator, and the shares of codes that had to be
    typed or could not be read."""

    since: datetime
    scans: int
    signs: list[Looked]
    bands_placed: Share
    printers: list[Share]
    wards: list[Share]
    devices: list[Share]
    answers: list[tuple[str, int]]
    labels: list[tuple[str, int]]
    limits: Limits

    @property
    def loud(self) -> int:
        """How many figures passed the bank's limits."""
        percent = self.limits.typed_percent
        return sum(one.loud for one in self.signs) + sum(
            share.loud(percent) for shares in (self.printers, self.wards, self.devices)
            for share in shares)


def limits() -> Limits:
    """The bank's own choice."""
    chosen = settings()
    return Limits(timedelta(minutes=chosen.two_places_minutes),
                  timedelta(seconds=chosen.quick_seconds), chosen.typed_percent,
                  chosen.scan_signs)


def going(at: datetime, span: timedelta = SPAN) -> Going:
    """How scanning went in the time before ``at``. Four queries, however much was scanned."""
    since, chosen = at - span, limits()
    rows = session.execute(sa.select(Scan.at, Scan.text, Scan.answer, Scan.how, Scan.device,
                                     Scan.bedside)
                           .where(Scan.at > since).order_by(Scan.at, Scan.id)).all()
    reads = _reads(rows, since)
    codes = [one for one in reads if one.code]
    bags = [one for one in codes if one.kind == BAG]
    bands = [one for one in codes if one.kind == BAND and one.bedside and not one.failed]
    ways = _ways(since)
    printed = _printers(since)
    return Going(
        since, len(rows), _signs(reads, bags, bands, ways, chosen),
        Share("", sum(bool(one.place) for one in bands), len(bands)),
        rules.shares(bags, lambda one: printed.get((one.code, one.copy), "")),
        rules.shares(bags, lambda one: ways[one.code][-1][0] if one.code in ways else ""),
        rules.shares([one for one in reads if one.code or one.failed],
                     lambda one: one.place),
        Counter(row.answer for row in rows if row.answer in FAILED).most_common(),
        Counter(housecode.format(one.code if one.copy is None
                                 else housecode.copy_text(one.code, one.copy))
                for one in codes if one.typed).most_common(MOST_SHOWN),
        chosen)


def tell(*, at: datetime) -> int:
    """Tell quality assurance and the coordinators when something passed the bank's limits: one
    notice in thirty days, however much it is. How many figures they were told of."""
    if _told_since(at - SPAN):
        return 0
    count = going(at).loud
    if count:
        for role in TOLD:
            raise_alert(role, None, f"In the last {SPAN.days} days {count_told(count, 'figure')} of how "
                        "codes are scanned passed the bank's limits: open the page “How scanning "
                        "goes”, then go and look. Nothing was blocked.", at=at)
        record(ACT, None, by=SYSTEM, at=at, figures=count, days=SPAN.days)
    return count


def due(at: datetime) -> bool:
    """Whether there is something to tell, looked at before the lock is taken."""
    return not _told_since(at - SPAN) and going(at).loud > 0


def _told_since(since: datetime) -> bool:
    last = session.scalar(sa.select(Entry.at).where(Entry.act == ACT)
                          .order_by(Entry.sequence.desc()).limit(1))
    return last is not None and datetime.fromisoformat(last) > since


def _signs(reads: list[Read], bags: list[Read], bands: list[Read],
           ways: dict[str, list[tuple[str, Stay]]], chosen: Limits) -> list[Looked]:
    stays = {code: [stay for _, stay in each] for code, each in ways.items()}
    placed = sum(bool(one.place) for one in bands)
    found = (
        (Sign.TWO_PLACES, rules.two_places(reads, chosen.two_places), placed, chosen.signs),
        (Sign.QUICK, rules.quick(reads, chosen.quick), rules.pairs_of(reads), 1),
        (Sign.IN_A_ROW, rules.in_a_row(reads), len(bands), chosen.signs),
        (Sign.AHEAD, rules.ahead(reads, stays), sum(one.bedside for one in bags), chosen.signs))
    return [Looked(sign, len(each), of, each[::-1][:MOST_SHOWN], len(each) >= enough)
            for sign, each, of, enough in found]


def _reads(rows: list[sa.Row], since: datetime) -> list[Read]:
    places = _places(since)
    reads = []
    for row in rows:
        code = housecode.parse(row.text) if housecode.is_valid(row.text) else None
        tried = places.get(row.device, ([], []))
        before = bisect_right(tried[0], row.at)
        reads.append(Read(
            row.at, code.code[:2] if code else "", code.code if code else "",
            code.copy if code else None, row.device, tried[1][before - 1] if before else "",
            row.how == "keyed", row.answer in FAILED, row.bedside))
    return reads


def _places(since: datetime) -> dict[str, tuple[list[datetime], list[str]]]:
    """Where each device stood from which trial on, as was written down there."""
    places: dict[str, tuple[list[datetime], list[str]]] = defaultdict(lambda: ([], []))
    for row in session.execute(
            sa.select(ScannerTrial.device, ScannerTrial.at, ScannerTrial.place)
            .where(ScannerTrial.at > since - A_YEAR, ScannerTrial.place != "")
            .order_by(ScannerTrial.at, ScannerTrial.id)):
        places[row.device][0].append(row.at)
        places[row.device][1].append(row.place)
    return places


def _scanned(since: datetime) -> sa.Select[tuple[str]]:
    """The codes that were scanned, without their copies."""
    return sa.select(sa.func.substr(Scan.text, 1, housecode.LENGTH)).where(Scan.at > since)


def _ways(since: datetime) -> dict[str, list[tuple[str, Stay]]]:
    """Where each scanned bag was sent, and from when until when it was there."""
    ways: dict[str, list[tuple[str, Stay]]] = defaultdict(list)
    for row in session.execute(
            sa.select(Bag.code, Journey.destination, Journey.received_at, Journey.returned_at)
            .join(Journey, Journey.bag_id == Bag.id).where(Bag.code.in_(_scanned(since)))
            .order_by(Journey.id)):
        ways[row.code].append((row.destination, Stay(row.received_at, row.returned_at)))
    return ways


def _printers(since: datetime) -> dict[tuple[str, int | None], str]:
    """The printer each copy of a scanned label came from; under None that of the last one."""
    printed: dict[tuple[str, int | None], str] = {}
    for row in session.execute(
            sa.select(LabelCopy.about, LabelCopy.number, Printer.name)
            .join(LabelPrint, LabelPrint.copy_id == LabelCopy.id)
            .join(Printer, Printer.id == LabelPrint.printer_id)
            .where(LabelPrint.piece == Piece.LABEL, LabelCopy.about.in_(_scanned(since)))
            .order_by(LabelPrint.id)):
        printed[row.about, row.number] = printed[row.about, None] = row.name
    return printed
