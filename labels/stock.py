"""Label stocks by name, and the printers' resolutions.

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
    """Labels in rows and columns on a page of its own size, with gaps between them. The block
    lies in the middle unless its corner is given (mm from the page's top left)."""

    columns: int
    rows: int
    page_width: Decimal
    page_height: Decimal
    gap_x: Decimal = Decimal(0)
    gap_y: Decimal = Decimal(0)
    corner: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True)
class Stock:
    """One kind of label material. `shape` names the layout."""

    name: str
    shape: str
    width: Decimal
    height: Decimal
    grid: Grid | None = None

    def __post_init__(self) -> None:
        if self.grid is None:
            return
        left, top = self.corner(0)
        right, bottom = self.corner(self.per_page - 1)
        if (left < 0 or top < 0 or right + self.width > self.grid.page_width
                or bottom + self.height > self.grid.page_height):
            raise UnknownStock(f"the labels of {self.name} do not lie on its page: measure the "
                               "sheet again")

    @property
    def per_page(self) -> int:
        return self.grid.columns * self.grid.rows if self.grid else 1

    def corner(self, place: int) -> tuple[Decimal, Decimal]:
        """The top left corner of the label at a place of its page; places count from 0, row by
        row."""
        grid = self.grid
        if grid is None:
            return Decimal(0), Decimal(0)
        row, column = divmod(place, grid.columns)
        if grid.corner is None:
            left = (grid.page_width - grid.columns * self.width
                    - (grid.columns - 1) * grid.gap_x) / 2
            top = (grid.page_height - grid.rows * self.height - (grid.rows - 1) * grid.gap_y) / 2
        else:
            left, top = grid.corner
        return (left + column * (self.width + grid.gap_x), top + row * (self.height + grid.gap_y))


def _stock(name: str, shape: str, width: str, height: str, grid: Grid | None = None) -> Stock:
    return Stock(name, shape, Decimal(width), Decimal(height), grid)


def _a4(columns: int, rows: int, gap_x: str = "0", gap_y: str = "0") -> Grid:
    return Grid(columns, rows, Decimal(210), Decimal(297), Decimal(gap_x), Decimal(gap_y))


STOCKS = {stock.name: stock for stock in (
    _stock("bag-100x100", "large", "100", "100"),
    _stock("bag-100x50", "wide", "100", "50"),
    _stock("tag-100x80", "tag", "100", "80"),
    _stock("small-50x25", "small", "50", "25"),
    _stock("badge-86x54", "card", "86", "54"),
    _stock("wristband", "band", "150", "25"),
    _stock("paper-a4", "page", "210", "297"),
    _stock("a4-bag-100x100", "large", "100", "100", _a4(2, 2, "2", "2")),
    _stock("a4-bag-100x50", "wide", "100", "50", _a4(2, 5, "2", "2")),
    _stock("a4-small-50x25", "small", "50", "25", _a4(4, 11)),
    _stock("a4-small-3x8", "small", "50", "25", _a4(3, 8, "13.5", "8.9")),
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


def module_dots(module: float, dpi: int) -> int:
    """Whole dots that a module of so many mm takes: the fewest that come within a fiftieth."""
    return ceil(module * dpi * 0.98 / float(MM_PER_INCH))


def dots(millimetres: Decimal | float, dpi: int) -> int:
    """The nearest whole number of printer dots."""
    return round(float(millimetres) * dpi / float(MM_PER_INCH))
