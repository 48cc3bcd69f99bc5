"""Putting texts and symbols on a label: millimetres from its top left corner, nothing ever cut.

A text that does not fit its place at its smallest permitted size raises LabelOverflow; a sign the
font does not have raises Unprintable. Symbols are laid on whole printer dots as one-bit pictures.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians, sin
from pathlib import Path

import numpy as np
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .qr import DATA_MATRIX_QUIET_ZONE, QUIET_ZONE, Matrix
from .stock import Stock, dots

POINTS_PER_MM = 72 / 25.4
SMALLEST = 7.0
LEADING = 1.12
TIGHT_LEADING = 1.08
REGULAR, BOLD = "LabelVera", "LabelVera-Bold"
_FONT_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf"}


class LabelOverflow(ValueError):
    """A text does not fit its place. `field` names it."""

    def __init__(self, field: str, text: str, stock: Stock):
        super().__init__(f"{field} ({text!r}) does not fit the stock {stock.name}: shorten it or "
                         "take a larger label; nothing is cut")
        self.field = field


class Unprintable(ValueError):
    """A text holds a sign the label font does not have. `field` names it."""

    def __init__(self, field: str, text: str, missing: str):
        super().__init__(f"{field} ({text!r}) holds {missing!r}, which the label font does not "
                         "have: write it in other words")
        self.field = field


def _register_fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in _FONT_FILES.items():
        pdfmetrics.registerFont(TTFont(name, folder / file))


_register_fonts()
_GLYPHS = frozenset(chr(c) for name in _FONT_FILES
                    for c in pdfmetrics.getFont(name).face.charToGlyph)


@lru_cache(maxsize=4096)
def width_mm(text: str, size: float, bold: bool) -> float:
    """How wide the text is, in mm, at a size in points."""
    font = BOLD if bold else REGULAR
    return sum(pdfmetrics.stringWidth(part, font, part_size)
               for part, part_size, _ in _runs(text, size)) / POINTS_PER_MM


def _runs(text: str, size: float) -> list[tuple[str, float, float]]:
    """The text in parts of one size each: (part, size, rise), all in points. What stands after a
    ^ is an exponent, written raised and a little smaller: 10^8."""
    if "^" not in text:
        return [(text, size, 0)]
    small = max(SMALLEST, size * 0.72)
    return [(part[1:], small, size * 0.36) if part[0] == "^" else (part, size, 0)
            for part in re.split(r"(\^-?\d+)", text) if part]


@lru_cache(maxsize=4096)
def wrapped(text: str, size: float, bold: bool, width: float) -> tuple[str, ...] | None:
    """The text in lines no wider than `width` mm, broken at spaces; None if a word is wider."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_mm(longer, size, bold) <= width:
            line = longer
            continue
        if width_mm(word, size, bold) > width:
            return None
        lines.append(line)
        line = word
    return (*lines, line)


@dataclass
class Ink:
    """One label's place on a page. `left` and `top` are its corner in dots from the page's top
    left; `height` is the page's height in dots."""

    canvas: Canvas
    stock: Stock
    dpi: int
    height: int
    left: int = 0
    top: int = 0

    def _x(self, millimetres: float) -> float:
        return self.left * 72 / self.dpi + millimetres * POINTS_PER_MM

    def _y(self, millimetres: float) -> float:
        return (self.height - self.top) * 72 / self.dpi - millimetres * POINTS_PER_MM

    def text(self, field: str, x: float, until: float, y: float, text: str, *sizes: float,
             bold: bool = False, right: bool = False) -> float:
        """Write `text` between x and `until` with its baseline at y, in the largest of `sizes`
        (points) that fits; with `right` it ends at `until`. Returns where it ends, in mm."""
        self.require_glyphs(field, text)
        for size in sizes:
            wide = width_mm(text, size, bold)
            if wide <= until - x:
                start = until - wide if right else x
                self._write(start, y, text, size, bold)
                return start + wide
        raise LabelOverflow(field, text, self.stock)

    def require_glyphs(self, field: str, text: str) -> None:
        """Refuse a text the font cannot write."""
        for sign in text:
            if sign not in _GLYPHS:
                raise Unprintable(field, text, sign)

    def _write(self, x: float, y: float, text: str, size: float, bold: bool) -> None:
        font, canvas, at = BOLD if bold else REGULAR, self.canvas, self._x(x)
        for part, part_size, rise in _runs(text, size):
            if (canvas._fontname, canvas._fontsize) != (font, part_size):
                canvas.setFont(font, part_size)
            canvas.drawString(at, self._y(y) + rise, part)
            at += width_mm(part, part_size, bold) * POINTS_PER_MM

    def rule(self, x: float, y: float, width: float) -> None:
        """A thin line across."""
        self.canvas.setLineWidth(0.5)
        self.canvas.line(self._x(x), self._y(y), self._x(x + width), self._y(y))

    def boxed(self, x: float, y: float, sign: str, size: float) -> float:
        """One bold sign in a box, baseline at `y`. Returns where the box ends, in mm."""
        wide, tall = width_mm(sign, size, True), size / POINTS_PER_MM
        side = max(wide, tall * 0.76) + 1.6
        self._write(x + (side - wide) / 2, y, sign, size, True)
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(self._x(x), self._y(y + 0.8), side * POINTS_PER_MM,
                         (tall * 0.76 + 1.4) * POINTS_PER_MM)
        return x + side

    def side(self, modules: int, quiet: int = QUIET_ZONE) -> float:
        """The side in mm of a symbol of so many modules, quiet zone included."""
        return (modules + 2 * quiet) * self.stock.module_dots(self.dpi) * 25.4 / self.dpi

    def qr(self, symbol: Matrix, x: float, y: float, *, right: bool = False,
           bottom: bool = False) -> float:
        """Lay a QR with its quiet zone into the corner (x, y): by default its top left one.
        Returns its side in mm."""
        return self._lay(symbol, QUIET_ZONE, x, y, right, bottom)

    def data_matrix(self, symbol: Matrix, x: float, y: float, *, right: bool = False,
                    bottom: bool = False) -> float:
        """The same for a Data Matrix."""
        return self._lay(symbol, DATA_MATRIX_QUIET_ZONE, x, y, right, bottom)

    def _lay(self, symbol: Matrix, quiet: int, x: float, y: float, right: bool,
             bottom: bool) -> float:
        module = self.stock.module_dots(self.dpi)
        rows, columns = symbol.shape
        whole = ((columns + 2 * quiet) * module, (rows + 2 * quiet) * module)
        column = self.left + dots(x, self.dpi) - (whole[0] if right else 0)
        row = self.top + dots(y, self.dpi) - (whole[1] if bottom else 0)
        point = 72 / self.dpi
        # The page's operators themselves: a path object per symbol costs twenty times as much.
        self.canvas._code.append(
            f"q {columns * module * point:.4f} 0 0 {rows * module * point:.4f} "
            f"{(column + quiet * module) * point:.4f} "
            f"{(self.height - row - whole[1] + quiet * module) * point:.4f} cm "
            f"{_inline_picture(symbol.tobytes(), columns, rows)} Q")
        return whole[0] * 25.4 / self.dpi

    def biohazard(self, x: float, y: float, side: float) -> None:
        """The biological hazard sign in a square whose top left corner is (x, y)."""
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(self._x(x + side / 2), self._y(y + side * 0.55))
        canvas.scale(side * POINTS_PER_MM / 52, side * POINTS_PER_MM / 52)
        _draw_biohazard(canvas)
        canvas.restoreState()


def _draw_biohazard(canvas: Canvas) -> None:
    """The sign by its usual proportions: discs of 30 units at 11 from the middle, openings of 21
    at 15, a ring seen through the openings."""
    arms = [(cos(radians(turn)), sin(radians(turn))) for turn in (90, 210, 330)]
    for across, up in arms:
        canvas.circle(11 * across, 11 * up, 15, stroke=0, fill=1)
    canvas.setFillGray(1)
    for across, up in arms:
        canvas.circle(15 * across, 15 * up, 10.5, stroke=0, fill=1)
    canvas.circle(0, 0, 3, stroke=0, fill=1)
    canvas.setStrokeGray(1)
    for across, up in arms:
        canvas.setLineWidth(1)
        canvas.line(0, 0, 6 * across, 6 * up)
        canvas.setLineWidth(4)
        canvas.line(22 * across, 22 * up, 28 * across, 28 * up)
    openings = canvas.beginPath()
    for across, up in arms:
        openings.circle(15 * across, 15 * up, 9.5)
    canvas.clipPath(openings, stroke=0, fill=0)
    canvas.setStrokeGray(0)
    canvas.setLineWidth(3.5)
    canvas.circle(0, 0, 11.5)


@lru_cache(maxsize=8)
def _inline_picture(modules: bytes, columns: int, rows: int) -> str:
    """The symbol as a one-bit inline picture; hexadecimal, the page's compression halves it."""
    dark = np.frombuffer(modules, np.bool_).reshape(rows, columns)
    data = np.packbits(~dark, axis=1).tobytes().hex()
    return f"BI /W {columns} /H {rows} /BPC 1 /CS /G /F /AHx ID {data}> EI"


@dataclass(frozen=True)
class Region:
    """A rectangle that texts flow through: mm from the label's corner."""

    x: float
    top: float
    width: float
    bottom: float


@dataclass
class Flow:
    """Lines of text filling one region after another; full is an error that names the field."""

    ink: Ink
    regions: list[Region]
    leading: float = LEADING
    _y: float = field(init=False)

    def __post_init__(self) -> None:
        self._y = self.regions[0].top

    def add(self, field: str, text: str, size: float = SMALLEST, bold: bool = False) -> None:
        """Write a text in as many lines as it needs."""
        self.ink.require_glyphs(field, text)
        step = size * self.leading / POINTS_PER_MM
        rest = text
        while rest:
            region = self._region_for(step, field, text)
            lines = wrapped(rest, size, bold, region.width)
            if lines is None:
                raise LabelOverflow(field, text, self.ink.stock)
            self.ink._write(region.x, self._y + step * 0.8, lines[0], size, bold)
            self._y += step
            rest = " ".join(lines[1:])

    def _region_for(self, step: float, field: str, text: str) -> Region:
        while self._y + step > self.regions[0].bottom + 0.01:
            if len(self.regions) == 1:
                raise LabelOverflow(field, text, self.ink.stock)
            self.regions = self.regions[1:]
            self._y = max(self._y, self.regions[0].top)
        return self.regions[0]

    def largest(self, text: str, lines: int, *sizes: float) -> float:
        """The largest of `sizes` at which bold text takes no more than so many lines here."""
        for size in sizes:
            broken = wrapped(text, size, True, self.regions[0].width)
            if broken is not None and len(broken) <= lines:
                return size
        return sizes[-1]

    def space(self, millimetres: float) -> None:
        """Leave a little room before the next text."""
        self._y += millimetres
