"""The study's report put together, and each way it is given away as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mscbank.audit import checkpoints
from mscbank.errors import NotKnown
from mscbank.reports.sheets import csv_of
from mscbank.reports.trial import benefit, harm, taking_part
from mscbank.reports.trial.facts import study
from mscbank.reports.trial.figures import Chapter, Figure
from specs.protocol import Protocol


@dataclass(frozen=True)
class Report:
    """Every chapter of a study's report. ``entry``: how far the trail went when it was made."""

    protocol: Protocol
    chapters: tuple[Chapter, ...]
    entry: int


def report(protocol: Protocol) -> Report:
    """Computed from the records as they stand; nothing is stored, so nothing can be out of date."""
    found = study(protocol)
    return Report(protocol, (
        taking_part.disposition(found), taking_part.baseline(found), taking_part.exposure(found),
        harm.endpoint(found), harm.by_grade(found), harm.by_term(found),
        taking_part.follow_up(found), *benefit.courses(found)), checkpoints.head().sequence)


def figures(made: Report) -> Iterator[tuple[str, str, str, Figure]]:
    """Every figure: its key (``baseline-2-1``), the title of its row, of its column, itself."""
    for chapter in made.chapters:
        for row, line in enumerate(chapter.lines, 1):
            for column, figure in enumerate(line.figures, 1):
                yield f"{chapter.key}-{row}-{column}", line.title, chapter.head[column - 1], figure


def behind(made: Report, key: str) -> tuple[Chapter, str, str, Figure]:
    """The figure of this key with its chapter, row and column."""
    for found, row, column, figure in figures(made):
        if found == key:
            chapter = next(each for each in made.chapters
                           if key.rsplit("-", 2)[0] == each.key)
            return chapter, row, column, figure
    raise NotKnown("There is no such figure in the report.")


def as_json(made: Report) -> dict[str, Any]:
    """Plain values; numbers that are not whole are text."""
    return {
        "protocol": made.protocol.reference, "registry": made.protocol.registry_id,
        "entry": made.entry,
        "chapters": {chapter.key: {
            "title": chapter.title, "method": chapter.method, "rows": [{
                "title": line.title, "figures": {
                    head: figure.value for head, figure in zip(chapter.head, line.figures,
                                                               strict=True)}}
                for line in chapter.lines]} for chapter in made.chapters},
        "discrepancies": [{"about": each.about, "registry": each.registry, "paper": each.paper}
                          for each in made.protocol.discrepancies]}


def as_csv(made: Report) -> str:
    """A line a figure: chapter, row, column, the figure as printed, how many records behind it."""
    titles = {chapter.key: chapter.title for chapter in made.chapters}
    return csv_of(("key", "chapter", "row", "column", "figure", "records"), (
        (key, titles[key.rsplit("-", 2)[0]], row, column, figure.text, len(figure.behind))
        for key, row, column, figure in figures(made)))
