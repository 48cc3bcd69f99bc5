"""Layouts: where each fact stands on a label. TOML files that a laboratory may copy and change.

A layout names one kind of label and one shape of stock; `layout_file` loads and checks it. Every
part says which places it may fill, taken as large as they may become. What is drawn later stays
inside its place or is refused, so nothing can ever overlap. Millimetres from the top left corner;
letters in points.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from . import content, papers
from .ink import ABOVE, BELOW, POINTS_PER_MM, overshoot
from .stock import RESOLUTIONS, module_dots

KINDS: dict[str, type] = {
    "bag": content.BagLabel, "harvest": content.HarvestLabel, "culture": content.CultureLabel,
    "cryo unit": content.CryoUnitLabel, "sample": content.SampleLabel,
    "donor tube": content.DonorTubeLabel, "wristband": content.Wristband,
    "storage place": content.StoragePlaceLabel, "badge": content.BadgeLabel,
    "box": papers.BoxLabel, "packing list": papers.PackingList,
    "bedside form": papers.BedsideForm}


@dataclass(frozen=True)
class Place:
    """A rectangle that something may fill: left, top, right, bottom in mm."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Place) -> bool:
        return (self.left < other.right - 0.01 and other.left < self.right - 0.01
                and self.top < other.bottom - 0.01 and other.top < self.bottom - 0.01)


def _line(what: str, left: float, right: float, y: float, sizes: tuple[float, ...]) -> Place:
    tall = max(sizes) / POINTS_PER_MM
    return Place(what, left, y - ABOVE * tall, right, y + BELOW * tall)


@dataclass(frozen=True)
class Caption:
    """Fixed words on one line from `at` to `until`."""

    text: str
    at: tuple[float, float]
    until: float
    sizes: tuple[float, ...] = (7.0,)
    bold: bool = False
    right: bool = False
    white: bool = False

    def places(self) -> list[Place]:
        # White words stand on a bar, which is the place.
        return [] if self.white else [
            _line(self.text, self.at[0], self.until, self.at[1], self.sizes)]


@dataclass(frozen=True)
class Bar:
    """A black rectangle: a thin one is a rule."""

    at: tuple[float, float]
    size: tuple[float, float]

    def places(self) -> list[Place]:
        (left, top), (width, height) = self.at, self.size
        return [Place("bar", left, top, left + width, top + height)]


@dataclass(frozen=True)
class Frame(Bar):
    """An empty box to tick or to write in."""


@dataclass(frozen=True)
class Sign:
    """The biological hazard sign, where the fact `when` is not empty."""

    when: str
    at: tuple[float, float]
    side: float

    def places(self) -> list[Place]:
        return [Place("sign", *self.at, self.at[0] + self.side, self.at[1] + self.side)]


@dataclass(frozen=True)
class SymbolPlace:
    """A symbol with its quiet zone in the corner `at`; never more than `modules` a side."""

    fact: str
    form: str
    modules: int
    module: float
    at: tuple[float, float]
    corner: str = "top left"
    level: str = "H"

    @property
    def quiet(self) -> int:
        return 4 if self.form == "qr" else 1

    def side(self, dpi: int) -> float:
        return (self.modules + 2 * self.quiet) * module_dots(self.module, dpi) * 25.4 / dpi

    def places(self) -> list[Place]:
        side = max(map(self.side, RESOLUTIONS))
        left = self.at[0] - side * ("right" in self.corner)
        top = self.at[1] - side * ("bottom" in self.corner)
        return [Place(f"symbol {self.fact}", left, top, left + side, top + side)]


@dataclass(frozen=True)
class Cell:
    """A text on a row, in the largest of `sizes` for which the row fits."""

    text: str
    sizes: tuple[float, ...]
    bold: bool = False
    boxed: bool = False

    @property
    def is_raised(self) -> bool:
        """May it hold an exponent? Numbers of cells are the only ones that do."""
        return "{cells}" in self.text


@dataclass(frozen=True)
class Row:
    """Texts on one baseline: `start` from the left, `end` up to the right."""

    y: float
    left: float
    right: float
    start: tuple[Cell, ...] = ()
    end: tuple[Cell, ...] = ()
    gap: float = 2.0

    def places(self) -> list[Place]:
        sizes = tuple(size for cell in self.start + self.end for size in cell.sizes)
        line = _line(f"row {self.y:g}", self.left, self.right, self.y, sizes)
        raised = max((overshoot(max(cell.sizes)) for cell in self.start + self.end
                      if cell.is_raised), default=0.0)
        return [replace(line, top=line.top - raised)]


@dataclass(frozen=True)
class Paragraph:
    """A text in as many lines as it needs. `apart`: its sentences each on a line while there is
    room. `space` mm above it."""

    text: str
    sizes: tuple[float, ...] = (7.0,)
    bold: bool = False
    apart: bool = False
    space: float = 0.0


@dataclass(frozen=True)
class Flow:
    """Paragraphs through regions (left, top, right, bottom), one after the other; all of them
    take the next of their sizes until everything fits."""

    regions: tuple[tuple[float, float, float, float], ...]
    paragraphs: tuple[Paragraph, ...]
    leading: float = 1.12

    def places(self) -> list[Place]:
        return [Place(f"flow {number}", *region) for number, region in enumerate(self.regions, 1)]


@dataclass(frozen=True)
class Column:
    """One column of a table, from x to `until`."""

    text: str
    x: float
    until: float
    sizes: tuple[float, ...]
    y: float
    bold: bool = False


@dataclass(frozen=True)
class Table:
    """Lines of a fact that is a list: `most` lines, each `height` mm, with a symbol. The columns
    and the symbol stand where they say, counted from the top of their line."""

    rows: str
    top: float
    left: float
    right: float
    height: float
    most: int
    columns: tuple[Column, ...]
    symbol: SymbolPlace

    def places_in_a_line(self) -> list[Place]:
        """What one line may fill, counted from its own top."""
        return self.symbol.places() + [
            _line(column.text, column.x, column.until, column.y, column.sizes)
            for column in self.columns]

    def places(self) -> list[Place]:
        return [Place("table", self.left, self.top, self.right, self.top + self.most * self.height)]


@dataclass(frozen=True, eq=False)
class Layout:
    """One kind of label on one shape of stock."""

    name: str
    kind: str
    shape: str
    size: tuple[float, float]
    caption: tuple[Caption, ...] = ()
    bar: tuple[Bar, ...] = ()
    frame: tuple[Frame, ...] = ()
    sign: tuple[Sign, ...] = ()
    symbol: tuple[SymbolPlace, ...] = ()
    row: tuple[Row, ...] = ()
    flow: tuple[Flow, ...] = ()
    table: tuple[Table, ...] = ()

    @property
    def label(self) -> type:
        return KINDS[self.kind]

    @cached_property
    def places(self) -> list[Place]:
        return [place for part in PARTS for one in getattr(self, part)
                for place in one.places()]


PARTS = ("caption", "bar", "frame", "sign", "symbol", "row", "flow", "table")
