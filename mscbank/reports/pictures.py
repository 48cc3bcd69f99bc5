"""The pictures of the pages as papers, on their long side: the same boxes, lines and words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from reportlab.lib.pagesizes import A4, landscape
from reportlab.platypus import Flowable

from mscbank import lineage
from mscbank.audit import checkpoints
from mscbank.bags.models import Bag
from mscbank.cultures import cells
from mscbank.cultures.models import Culture
from mscbank.recipients.models import Recipient
from mscbank.reports import cohorts, freezer, ladder, paper, timeline, tree, whereabouts
from mscbank.reports.binding import document, section
from mscbank.reports.drawing import Draw, Drawing, drawn_curve, drawn_tree
from mscbank.reports.growth import growth
from mscbank.reports.journey import journey
from mscbank.reports.layout import Grid
from mscbank.reports.sketch import Sketch
from mscbank.reports.sketched import drawn_sketch
from specs.protocol import Protocol

JOURNEY, VESSELS = Grid(92, 64, 104, 72), Grid(96, 74, 126, 82)  # points
WIDE = landscape(A4)[0] - 2 * paper.MARGIN
HIGH = landscape(A4)[1] - 86 * paper.mm


def of_journey(recipient: Recipient) -> bytes:
    """A recipient's journey, from the donor to the follow-up."""
    picture = journey(recipient, JOURNEY)
    return _bound("Journey of the cells", recipient.title, [paper.words(picture.told),
                                               _drawing(drawn_tree(picture))])


def of_vessels(culture: Culture) -> bytes:
    """The vessels of a culture's harvest, and how they grew."""
    harvest = culture.harvest
    picture = tree.tree_of(harvest, harvest.cultures, harvest.lots, lineage.links_among(
        each.code for each in (harvest, *harvest.cultures, *harvest.lots)), VESSELS, culture)
    edges = lineage.links_among(each.code for each in harvest.cultures)
    curve = growth(harvest.cultures, cells.culture_limits(harvest).population_doublings_max,
                   cells.reached(harvest.cultures, edges))
    grown = [_drawing(drawn_curve(curve)), paper.words(curve.told, paper.SMALL)] if curve else [
        paper.words("No passage was counted yet.")]
    return _bound("Vessels and growth", harvest.title, [
        paper.words(picture.told), _drawing(drawn_tree(picture)),
        *section("Growth", *grown, room=HIGH if curve else 30 * paper.mm)])


def of_custody(bag: Bag, at: datetime) -> bytes:
    """Where a bag was, and how warm on its way."""
    return _sketches("Custody", bag.title,
                     whereabouts.pictures(bag, timeline.timeline(bag), at))


def of_tank(tank: str, at: datetime) -> bytes:
    """The boxes of a tank with what lies in them."""
    return _sketches("Freezer map", f"tank {tank}",
                     [box.picture for box in freezer.boxes(tank, at)])


def of_cohorts(protocol: Protocol) -> bytes:
    """Everybody of a protocol, from the infusion to the last contact."""
    return _sketches("Cohorts and follow-up", protocol.reference, [cohorts.timeline(protocol)])


def of_ladder(protocol: Protocol, today: date) -> bytes:
    """The ladder of a trial's cohorts, and its pause."""
    return _sketches("Trial", protocol.reference, [ladder.trial(protocol, today).picture])


def _sketches(title: str, name: str, pictures: Sequence[Sketch]) -> bytes:
    return _bound(title, name, [block for picture in pictures for block in section(
        picture.title, paper.words(picture.told, paper.SMALL), _drawing(drawn_sketch(picture)),
        room=min(picture.height, HIGH) + 16 * paper.mm)])


def _drawing(draw: Draw) -> Drawing:
    return Drawing(draw, width=WIDE, height=HIGH)


def _bound(title: str, name: str, content: Sequence[Flowable]) -> bytes:
    return document(title, name, content, head=checkpoints.head(), across=True)
