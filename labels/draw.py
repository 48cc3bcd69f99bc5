"""Labels and a stock in, PDF bytes out: the same labels give the same bytes.

One page per label on a roll, a full sheet per page on sheets. The fixed texts of a layout are
drawn once per document and called on every label. `expected_pages` says which texts must be read
on each page; `readback.check_pages` reads them.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from .content import (
    BadgeLabel,
    BagLabel,
    CultureLabel,
    HarvestLabel,
    Label,
    SampleLabel,
    StoragePlaceLabel,
    Wristband,
)
from .ink import Ink
from .layouts import bag, marrow, small
from .stock import Stock, dots, resolution
from .wording import Language


class NoLayout(ValueError):
    """There is no layout of this kind of label on this stock."""


@dataclass(frozen=True)
class Layout:
    """How one kind of label stands on one shape: fixed texts, facts, texts of its symbols."""

    fixed: Callable[[Ink, Language], None]
    facts: Callable[[Ink, Any, Language], None]
    symbols: Callable[[Any], set[str]]


LAYOUTS = {
    (BagLabel, "large"): Layout(bag.large_fixed, bag.large, bag.large_symbols),
    (BagLabel, "wide"): Layout(bag.wide_fixed, bag.wide, bag.wide_symbols),
    (HarvestLabel, "wide"): Layout(marrow.fixed, marrow.wide, marrow.symbols),
    (CultureLabel, "small"): Layout(small.no_captions, small.culture, small.symbols),
    (SampleLabel, "small"): Layout(small.no_captions, small.sample, small.symbols),
    (StoragePlaceLabel, "small"): Layout(small.no_captions, small.storage_place, small.symbols),
    (Wristband, "band"): Layout(small.no_captions, small.band, small.symbols),
    (BadgeLabel, "card"): Layout(small.no_captions, small.card, small.symbols),
}


def layout(label: Label, stock: Stock) -> Layout:
    """The layout of a label on a stock. Raises NoLayout."""
    found = LAYOUTS.get((type(label), stock.shape))
    if found is None:
        shapes = [shape for kind, shape in LAYOUTS if kind is type(label)]
        raise NoLayout(f"a {label.kind.title} label is not printed on {stock.name}: "
                       f"take a stock of the shape {' or '.join(shapes)}")
    return found


def symbols(label: Label, stock: Stock) -> set[str]:
    """The texts that a reader must find on this label."""
    return layout(label, stock).symbols(label)


def expected_pages(labels: Iterable[Label], stock: Stock) -> list[set[str]]:
    """The texts that a reader must find on each page of `draw`."""
    return [set().union(*(symbols(label, stock) for label in page))
            for page in _pages(labels, stock)]


def draw(labels: Iterable[Label], stock: Stock, *, dpi: int = 300,
         language: Language = Language.EN) -> bytes:
    """The PDF of the labels. Raises LabelOverflow or Unprintable, naming the field; then nothing
    is drawn at all."""
    resolution(dpi)
    width, height = _page_size(stock, dpi)
    target = BytesIO()
    canvas = Canvas(target, pagesize=(width * 72 / dpi - 1e-4, height * 72 / dpi - 1e-4),
                    pageCompression=1, invariant=1)
    canvas.setTitle("Labels")
    canvas.setProducer("mscbank")
    called: set[type[Label]] = set()
    empty = True
    for page in _pages(labels, stock):
        empty = False
        for place, label in enumerate(page):
            _draw_one(canvas, label, stock, dpi, language, place, called)
        canvas.showPage()
    if empty:
        raise ValueError("there is no label to draw: choose at least one")
    return _finished(canvas)


def _finished(canvas: Canvas) -> bytes:
    # ASCII85 makes the file a quarter larger and slower; the setting is the package's own, global.
    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        return canvas.getpdfdata()
    finally:
        rl_config.useA85 = before


def _pages(labels: Iterable[Label], stock: Stock) -> Iterator[list[Label]]:
    rest = iter(labels)
    while page := list(islice(rest, stock.per_page)):
        yield page


def _page_size(stock: Stock, dpi: int) -> tuple[int, int]:
    if stock.grid:
        return dots(stock.grid.page_width, dpi), dots(stock.grid.page_height, dpi)
    return dots(stock.width, dpi), dots(stock.height, dpi)


def _draw_one(canvas: Canvas, label: Label, stock: Stock, dpi: int, language: Language,
              place: int, called: set[type[Label]]) -> None:
    found = layout(label, stock)
    left, top = _corner(stock, dpi, place)
    height = _page_size(stock, dpi)[1]
    if found.fixed is not small.no_captions:
        name = f"fixed-{label.kind}"
        if type(label) not in called:
            canvas.beginForm(name)
            found.fixed(Ink(canvas, stock, dpi, height), language)
            canvas.endForm()
            called.add(type(label))
        canvas._code.append(f"q 1 0 0 1 {left * 72 / dpi:.4f} {-top * 72 / dpi:.4f} cm")
        canvas.doForm(name)
        canvas._code.append("Q")
    found.facts(Ink(canvas, stock, dpi, height, left, top), label, language)


def _corner(stock: Stock, dpi: int, place: int) -> tuple[int, int]:
    """The top left corner, in dots, of the label at a place on its page."""
    if stock.grid is None:
        return 0, 0
    row, column = divmod(place, stock.grid.columns)
    left = (stock.grid.page_width - stock.grid.columns * stock.width) / 2 + column * stock.width
    top = (stock.grid.page_height - stock.grid.rows * stock.height) / 2 + row * stock.height
    return dots(left, dpi), dots(top, dpi)
