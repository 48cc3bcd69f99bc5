"""Label stocks by name: sizes, margins, how large a module is; and the fonts.

A stock may be a roll (one label a page) or a sheet of labels. Sizes are millimetres. Symbols are
drawn in whole printer dots, so the page itself is a whole number of dots at every resolution.
"""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

MM_PER_INCH = Decimal("25.4")
RESOLUTIONS = (203, 300, 600)


class UnknownStock(ValueError):
    """There is no stock of that name, or no such printer."""


@dataclass(frozen=True)
class Grid:
    """Labels in rows and columns on a page of its own size; the label block lies in the middle."""

    columns: int
    rows: int
    page_width: Decimal
    page_height: Decimal


@dataclass(frozen=True)
class Stock:
    """One kind of label material. `shape` names the layout; `module` is the wanted side of one
    module of a symbol in mm, never less than 0.33 (four dots at 300 dpi)."""

    name: str
    shape: str
    width: Decimal
    height: Decimal
    margin: Decimal
    module: Decimal
    grid: Grid | None = None

    @property
    def per_page(self) -> int:
        return self.grid.columns * self.grid.rows if self.grid else 1

    def module_dots(self, dpi: int) -> int:
        """Whole dots a module takes: the fewest that come within a fiftieth of the wanted size."""
        return ceil(self.module * dpi * Decimal("0.98") / MM_PER_INCH)


def _stock(name: str, shape: str, width: str, height: str, margin: str, module: str,
           grid: Grid | None = None) -> Stock:
    return Stock(name, shape, Decimal(width), Decimal(height), Decimal(margin), Decimal(module),
                 grid)


def _a4(columns: int, rows: int) -> Grid:
    return Grid(columns, rows, Decimal(210), Decimal(297))


STOCKS = {stock.name: stock for stock in (
    _stock("bag-100x100", "large", "100", "100", "2", "0.50"),
    _stock("bag-100x50", "wide", "100", "50", "2", "0.34"),
    _stock("small-50x25", "small", "50", "25", "1.5", "0.42"),
    _stock("badge-86x54", "card", "86", "54", "3", "0.50"),
    _stock("wristband", "band", "150", "25", "2", "0.50"),
    _stock("a4-bag-100x100", "large", "100", "100", "2", "0.50", _a4(2, 2)),
    _stock("a4-bag-100x50", "wide", "100", "50", "2", "0.34", _a4(2, 5)),
    _stock("a4-small-50x25", "small", "50", "25", "1.5", "0.42", _a4(4, 11)),
)}


def stock(name: str) -> Stock:
    """The stock of that name. Raises UnknownStock."""
    if name not in STOCKS:
        raise UnknownStock(f"no label stock is called {name!r}: choose one of {', '.join(STOCKS)}")
    return STOCKS[name]


def resolution(dpi: int) -> int:
    """The printer's resolution, if labels can be drawn for it. Raises UnknownStock."""
    if dpi not in RESOLUTIONS:
        raise UnknownStock(f"labels are drawn for printers of {RESOLUTIONS} dots an inch, "
                           f"not {dpi}")
    return dpi


def dots(millimetres: Decimal | float, dpi: int) -> int:
    """The nearest whole number of printer dots."""
    return round(float(millimetres) * dpi / float(MM_PER_INCH))
