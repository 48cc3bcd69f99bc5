"""The study's report on paper."""

from __future__ import annotations

from reportlab.platypus import Flowable

from mscbank.audit import checkpoints
from mscbank.reports import paper
from mscbank.reports.binding import document, section
from mscbank.reports.drawing import Drawing
from mscbank.reports.sketched import drawn_sketch
from mscbank.reports.trial.figures import Chapter
from mscbank.reports.trial.report import Report, report
from specs.protocol import Protocol

FIRST = 3.4  # the share of a row's title beside a share of one for each figure


def trial_paper(protocol: Protocol) -> bytes:
    """The PDF, on its long side. The same record gives the same bytes."""
    made = report(protocol)
    content: list[Flowable] = [paper.facts((
        ("Protocol", f"{protocol.registry_id} ({protocol.reference})"), ("Title", protocol.title),
        ("Computed", f"from the records up to entry {made.entry} of the trail")))]
    for chapter in made.chapters:
        content += _chapter(chapter)
    return document("Study report", protocol.reference, content + _differences(made),
                    head=checkpoints.head())


def _chapter(chapter: Chapter) -> list[Flowable]:
    rows = [(line.title, *(figure.text for figure in line.figures)) for line in chapter.lines]
    parts = (FIRST, *[1.6] * len(chapter.head))
    drawn: list[Flowable] = []
    for picture in chapter.pictures:
        drawn += [Drawing(drawn_sketch(picture)), paper.words(picture.told, paper.SMALL)]
    return section(chapter.title, paper.grid(("", *chapter.head), rows, parts, small=True),
                   paper.words(chapter.method, paper.SMALL), *drawn, room=60 * paper.mm)


def _differences(made: Report) -> list[Flowable]:
    if not made.protocol.discrepancies:
        return []
    return section("Where registry and paper differ", paper.grid(
        ("About", "Registry", "Paper"),
        [(each.about, each.registry, each.paper) for each in made.protocol.discrepancies],
        (1, 2, 2)))
