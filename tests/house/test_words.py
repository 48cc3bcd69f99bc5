"""How a number and what it counts, and a day, are written in sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mscbank.rules import moment_told
from mscbank.translations import english, update

ROOT = Path(__file__).resolve().parents[2]
MANY = re.compile(
    r"^ (?:days|hours|minutes|seconds|months|weeks|years|times|bags|lots|units|entries|pages|rows|"
    r"lines|samples|results|copies|labels|places|vessels|donors|recipients|people|persons|nurses|"
    r"events|reactions|visits|reasons|alerts|deviations|cultures|passages|doublings|doses|orders|"
    r"characters|letters|signs|points|scans|files|figures|cohorts|infusions|readings|positions)\b")


def counts_loosely(source: str) -> list[str]:
    """The holes of a file's sentences that stand before a word in the plural, whatever the number
    is. A name in capitals is one number, which its writer knows."""
    tree = ast.parse(source)
    apart = {id(node.orelse) for node in ast.walk(tree) if isinstance(node, ast.IfExp)
             and isinstance(node.body, ast.Constant) and str(node.body.value).startswith("1 ")}
    return [ast.unparse(hole) for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr) and id(node) not in apart
            for hole in _before_many(node)]


def _before_many(node: ast.JoinedStr) -> Iterator[ast.expr]:
    for part, after in zip(node.values, node.values[1:], strict=False):
        if isinstance(part, ast.FormattedValue) and isinstance(after, ast.Constant) and (
                MANY.match(after.value)) and not _known(part.value):
            yield part.value


def _known(hole: ast.expr) -> bool:
    names = [part.id if isinstance(part, ast.Name) else part.attr for part in ast.walk(hole)
             if isinstance(part, (ast.Name, ast.Attribute))]
    return any(name.isupper() for name in names)


def days_as_stored(source: str) -> list[str]:
    """The holes of a file's sentences that write a day with its month as a number."""
    return [ast.unparse(hole) for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.JoinedStr) for hole in node.values
            if isinstance(hole, ast.FormattedValue) and hole.format_spec is not None
            and re.search(r"%Y-%m-%d(?! ?T|T)", ast.unparse(hole.format_spec))]


def read_by_people() -> list[Path]:
    """Not the labels' own refusals: a code has more than one letter."""
    return [path for path in english._files(ROOT) if path.relative_to(ROOT).parts[0] != "labels"]


def test_a_number_in_a_sentence_agrees_with_what_it_counts() -> None:
    loose = {str(path.relative_to(ROOT)): found for path in read_by_people()
             if (found := counts_loosely(path.read_text()))}
    assert loose == {}, "say count_told(days, \"day\"): “1 days” is nobody's language"


@pytest.mark.parametrize(("source", "found"), [
    ("f'{days} days ago'", ["days"]), ("f'{len(bags)} bags'", ["len(bags)"]),
    ("f'{count_told(days, \"day\")} ago'", []), ("f'{DAYS} days'", []),
    ("f'{span.days} days'", ["span.days"]),
    ("f'{number}: days'", []), ("'1 day' if days == 1 else f'{days} days'", [])])
def test_a_loose_number_is_noticed(source: str, found: list[str]) -> None:
    assert counts_loosely(source) == found


def test_templates_count_by_the_catalogue() -> None:
    """In a page a number before a plural is ``ngettext``'s, which has one text for one."""
    loose = [text for text, _ in update._of_templates() if isinstance(text, str)
             and re.search(r"%\(\w+\)s(?= )", text)
             and any(MANY.match(text[hole.end():]) for hole in re.finditer(r"%\(\w+\)s", text))]
    assert loose == []


def test_a_colon_in_a_page_is_set_as_the_reader_sets_it() -> None:
    """French leaves a gap before it: {{ colon() }}, or a colon within the text."""
    folder = ROOT / "mscbank" / "templates"
    loose = [f"{path.relative_to(folder)}: {line.strip()[:80]}" for path in sorted(folder.rglob("*.html"))
             for line in path.read_text().splitlines()
             if re.search(r"(\}\}|</(a|span|strong|b)>):( |<)", line)]
    assert loose == []


def test_a_day_in_a_sentence_has_its_month_in_letters() -> None:
    stored = {str(path.relative_to(ROOT)): found for path in read_by_people()
              if (found := days_as_stored(path.read_text()))}
    assert stored == {}, "say day_told(day) or moment_told(moment), as pages do"


def test_a_day_as_it_is_stored_is_noticed() -> None:
    assert days_as_stored("f'expired on {day:%Y-%m-%d}.'") and not days_as_stored("f'{day:%H:%M}'")


def test_moments_carry_their_zone() -> None:
    paris = timezone(timedelta(hours=1), "CET")
    assert moment_told(datetime(2026, 3, 6, 16, 40, tzinfo=paris)) == "06 MAR 2026 16:40 CET"
    assert moment_told(datetime(2026, 3, 6, 16, 40, tzinfo=UTC)) == "06 MAR 2026 16:40 UTC"
    assert moment_told(datetime(2026, 3, 6, 16, 40, tzinfo=timezone(timedelta(hours=5)))) == (
        "06 MAR 2026 16:40 UTC+05:00")
