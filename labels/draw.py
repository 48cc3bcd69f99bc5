"""Labels and a stock in, PDF bytes out: the same labels give the same bytes.

One page per label on a roll, a full sheet per page on sheets, used places of the first sheet left
free. The fixed part of a layout is drawn once per document and called on every label.
`expected_pages` says which texts must be read on each page; `readback.check_pages` reads them.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from . import compose
from .content import Label
from .facts import symbol_text
from .layout import Layout
from .layout_file import shelf
from .pdf import Document
from .scene import operators
from .stock import Stock, dots, resolution
from .wording import Language

LAYOUTS = shelf()
Layouts = Mapping[tuple[type, str], Layout]


class NoLayout(ValueError):
    """There is no layout of this kind of label on this stock."""


def layout(label: Label, stock: Stock, layouts: Layouts = LAYOUTS) -> Layout:
    """The layout of a label on a stock. Raises NoLayout."""
    found = layouts.get((type(label), stock.shape))
    if found is None:
        shapes = [shape for kind, shape in layouts if kind is type(label)]
        raise NoLayout(f"a {label.kind.title} label is not printed on {stock.name}: "
                       f"take a stock of the shape {' or '.join(shapes)}")
    if found.size != (float(stock.width), float(stock.height)):
        raise NoLayout(f"the layout {found.name} is made for {found.size[0]:g} x "
                       f"{found.size[1]:g} mm, {stock.name} is another size")
    return found


def symbols(label: Label, stock: Stock, layouts: Layouts = LAYOUTS) -> set[str]:
    """The texts that a reader must find on this label."""
    found = layout(label, stock, layouts)
    return ({symbol_text(label, each.fact) for each in found.symbol}
            | {symbol_text(row, table.symbol.fact) for table in found.table
               for row in getattr(label, table.rows)})


def expected_pages(labels: Iterable[Label], stock: Stock, *, used: Collection[int] = (),
                   layouts: Layouts = LAYOUTS) -> list[set[str]]:
    """The texts that a reader must find on each page of `draw`."""
    return [set().union(*(symbols(label, stock, layouts) for _, label in page))
            for page in pages(labels, stock, used)]


def draw(labels: Iterable[Label], stock: Stock, *, dpi: int = 300,
         language: Language = Language.EN, used: Collection[int] = (),
         layouts: Layouts = LAYOUTS) -> bytes:
    """The PDF of the labels. `used`: places of the first sheet to leave free, counted from 1 row
    by row. Raises LabelOverflow or Unprintable, naming the field; then nothing is drawn at all."""
    resolution(dpi)
    width, height = page_dots(stock, dpi)
    document = Document(width * 72 / dpi - 1e-4, height * 72 / dpi - 1e-4)
    for page in pages(labels, stock, used):
        document.page("\n".join(
            _placed(document, label, stock, dpi, language, place, layouts)
            for place, label in page))
    return document.finished()


def _placed(document: Document, label: Label, stock: Stock, dpi: int, language: Language,
            place: int, layouts: Layouts) -> str:
    """The operators of one label at its place of the page."""
    found, height = layout(label, stock, layouts), page_dots(stock, dpi)[1]
    part = f"L{label_number(found, layouts)}"
    if not document.has_part(part):
        document.part(part, operators(compose.fixed(found, language), height, dpi))
    drawn = f"/{part} Do\n" + operators(
        compose.compose(found, label, language, dpi), height, dpi)
    if stock.grid is None:
        return drawn
    left, top = (dots(each, dpi) * 72 / dpi for each in stock.corner(place))
    return f"q 1 0 0 1 {left:.4f} {-top:.4f} cm\n{drawn}\nQ"


def label_number(found: Layout, layouts: Layouts) -> int:
    """Which of the layouts this is: the name of its fixed part."""
    return next(number for number, each in enumerate(layouts.values(), 1) if each is found)


def pages(labels: Iterable[Label], stock: Stock, used: Collection[int] = ()
          ) -> Iterator[list[tuple[int, Any]]]:
    """The labels of each page with their places, which count from 0. Raises ValueError when
    there is no label, or no place `used` speaks of."""
    strange = sorted(number for number in used if not 1 <= number <= stock.per_page)
    if strange or len(set(used)) == stock.per_page:
        raise ValueError(f"a page of {stock.name} has the places 1 to {stock.per_page}, and one "
                         f"must be free: {', '.join(map(str, strange or sorted(used)))} are named")
    rest, free = iter(labels), [n for n in range(stock.per_page) if n + 1 not in set(used)]
    first = True
    while page := list(zip(free, rest)):
        yield page
        first, free = False, list(range(stock.per_page))
    if first:
        raise ValueError("there is no label to draw: choose at least one")


def page_dots(stock: Stock, dpi: int) -> tuple[int, int]:
    """Width and height of a page in printer dots."""
    if stock.grid:
        return dots(stock.grid.page_width, dpi), dots(stock.grid.page_height, dpi)
    return dots(stock.width, dpi), dots(stock.height, dpi)
