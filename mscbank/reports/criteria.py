"""The specification beside the results: a row per criterion, for whoever decides on a lot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.release.models import Hold
from mscbank.release.verdict import findings_of
from mscbank.reports.layout import day_in_words
from mscbank.settings import local
from mscbank.testing.models import Result
from mscbank.testing.judging import derived_results
from mscbank.testing.service import results_about
from specs.criterion import Criterion
from specs.judge import Finding


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_NAMES_IT = re.compile(r"'(?:number|title|test|what|reason)': '([^']+)'")


@dataclass(frozen=True)
class Line:
    """One criterion: what the judge says, the results that stand, those they corrected, and what
    the lot itself answers."""

    finding: Finding
    standing: tuple[Result, ...]
    corrected: tuple[Result, ...]
    derived: Decimal | None = None

    @property
    def criterion(self) -> Criterion:
        return self.finding.criterion

    @property
    def changed(self) -> bool:
        """Whether an entry was changed since it was first made; that a result came is no change."""
        return bool(self.corrected)


def lines(lot: Lot) -> list[Line]:
    """A row per criterion in the specification's order."""
    results = results_about(lot)
    own = {result.key: result.value for result in derived_results(lot)}
    return [_line(finding, results, own.get(finding.key)) for finding in findings_of(lot)]


def unasked(lot: Lot) -> list[Result]:
    """Results that no criterion of the specification asks for: shown, never judged."""
    asked = {(finding.key, str(finding.stage)) for finding in findings_of(lot)}
    return [result for result in results_about(lot)
            if (result.test, str(result.sample.stage)) not in asked]


def changes(difference: Iterable[str]) -> list[str]:
    """What changed since a signature, as a person says it (``path: was -> is`` comes in)."""
    return [_change(line) for line in difference if not line.partition(": ")[0].endswith("_id")]


def _change(line: str) -> str:
    path, _, rest = line.partition(": ")
    was, _, now = rest.partition(" -> ")
    where = path.replace("_", " ").replace(".", ", ")
    if now.startswith("{"):
        named = _NAMES_IT.findall(now)
        said = f"added{': ' + ', '.join(named) if named else ''}"
    elif was == "None":
        said = f"now {now}"
    else:
        said = f"was {was}, now {'empty' if now == 'None' else now}"
    return f"{where}: " + _MOMENT.sub(_moment, said)


def _moment(found: re.Match[str]) -> str:
    at = datetime.fromisoformat(found[0])
    return f"{day_in_words(at)} {local(at):%H:%M %Z}"


def holds_on(lot: Lot) -> list[Hold]:
    """Every hold on the lot or on one of its bags, lifted ones too, latest first."""
    bags = sa.select(Bag.id).where(Bag.lot_id == lot.id)
    return list(session.scalars(
        sa.select(Hold).where(sa.or_(Hold.lot_id == lot.id, Hold.bag_id.in_(bags)))
        .order_by(Hold.id.desc())))


def _line(finding: Finding, results: Sequence[Result], own: Decimal | None) -> Line:
    ours = [result for result in results
            if (result.test, str(result.sample.stage)) == (finding.key, str(finding.stage))]
    replaced = {result.corrects_id for result in ours}
    return Line(finding, tuple(result for result in ours if result.id not in replaced),
                tuple(
        result for result in ours if result.id in replaced and not result.pending), own)
