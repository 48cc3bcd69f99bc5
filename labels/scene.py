"""A finished label before it becomes bytes: what stands where, in millimetres from its top left.

A scene is made by `compose` and turned into a page's operators here, or into printer graphics by
`zpl`. Symbols stand on whole printer dots.
"""
from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import cos, radians, sin
from typing import TYPE_CHECKING, NamedTuple

from .ink import ABOVE, BELOW, BOLD, POINTS_PER_MM, REGULAR, overshoot, runs, width_mm

if TYPE_CHECKING:
    from .masks import Matrix


class Text(NamedTuple):
    """A line of text with its baseline at y; white texts stand on a black band."""

    field: str
    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    white: bool = False
    stretch: float = 1.0

    @property
    def box(self) -> tuple[float, float, float, float]:
        tall = self.size / POINTS_PER_MM
        raised = overshoot(self.size) if "^" in self.text else 0
        wide = width_mm(self.text, self.size, self.bold) * self.stretch
        return self.x, self.y - ABOVE * tall - raised, self.x + wide, self.y + BELOW * tall


class Symbol(NamedTuple):
    """A symbol on whole dots: `column` and `row` are its first dark module's corner, the quiet
    zone lies around it."""

    field: str
    text: str
    matrix: Matrix
    column: int
    row: int
    module: int
    quiet: int
    dpi: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        mm, around = 25.4 / self.dpi, self.quiet * self.module
        rows, columns = self.matrix.shape
        return ((self.column - around) * mm, (self.row - around) * mm,
                (self.column + columns * self.module + around) * mm,
                (self.row + rows * self.module + around) * mm)


class Bar(NamedTuple):
    """A black rectangle: a rule or the ground of white text."""

    x: float
    y: float
    width: float
    height: float


class Frame(NamedTuple):
    """An empty rectangle: a check character's box, a box to tick."""

    x: float
    y: float
    width: float
    height: float
    line: float = 0.25


class Biohazard(NamedTuple):
    """The biological hazard sign in a square."""

    x: float
    y: float
    side: float


Shape = Bar | Frame | Biohazard
# Points: a picture that reaches a hair over the border of a dot is drawn into the next dot too, so
# symbols are that hair smaller, a hundredth of the finest dot.
_INSIDE = 0.0015


class Scene(NamedTuple):
    """What stands on one label, or the part that is the same on every label of a layout."""

    texts: list[Text]
    symbols: list[Symbol]
    shapes: list[Shape]


def operators(scene: Scene, height: int, dpi: int) -> str:
    """The scene as PDF operators; `height` is the page's height in dots."""
    top = height * 72 / dpi
    return "\n".join((*(_shape(each, top) for each in scene.shapes),
                      *_texts(scene.texts, top),
                      *(_symbol(each, height) for each in scene.symbols)))


def _texts(texts: Iterable[Text], top: float) -> list[str]:
    parts, font, ground, narrow = ["BT"], None, False, 1.0
    for _, x, y, text, size, bold, white, stretch in texts:
        face = BOLD if bold else REGULAR
        if white is not ground:
            parts.append("1 g" if white else "0 g")
            ground = white
        if stretch != narrow:
            parts.append(f"{stretch * 100:g} Tz")
            narrow = stretch
        for part, part_size, rise in runs(text, size):
            if font != (bold, part_size):
                parts.append(f"/{'B' if bold else 'R'} {part_size:g} Tf")
                font = (bold, part_size)
            parts.append(f"1 0 0 1 {x * POINTS_PER_MM:.2f} {top - y * POINTS_PER_MM + rise:.2f} "
                         f"Tm <{face.hexed(part)}> Tj")
            if part is not text:
                x += width_mm(part, part_size, bold) * stretch
    parts.append("0 g ET" if ground else "ET")
    return parts


def _symbol(symbol: Symbol, height: int) -> str:
    point = 72 / symbol.dpi
    rows, columns = symbol.matrix.shape
    down = height - symbol.row - rows * symbol.module
    return (f"q {columns * symbol.module * point - 2 * _INSIDE:.4f} 0 0 "
            f"{rows * symbol.module * point - 2 * _INSIDE:.4f} "
            f"{symbol.column * point + _INSIDE:.4f} {down * point + _INSIDE:.4f} cm "
            f"{_inline_picture(symbol.matrix.tobytes(), columns, rows)} Q")


@lru_cache(maxsize=8)
def _inline_picture(modules: bytes, columns: int, rows: int) -> str:
    """The symbol as a one-bit inline picture; hexadecimal, the page's compression halves it."""
    import numpy as np  # loaded with the symbol

    dark = np.frombuffer(modules, np.bool_).reshape(rows, columns)
    data = np.packbits(~dark, axis=1).tobytes().hex()
    return f"BI /W {columns} /H {rows} /BPC 1 /CS /G /F /AHx ID {data}> EI"


def _shape(shape: Shape, top: float) -> str:
    if isinstance(shape, Biohazard):
        return _biohazard(shape, top)
    x, y = shape.x * POINTS_PER_MM, top - (shape.y + shape.height) * POINTS_PER_MM
    rectangle = (f"{x:.2f} {y:.2f} {shape.width * POINTS_PER_MM:.2f} "
                 f"{shape.height * POINTS_PER_MM:.2f} re")
    if isinstance(shape, Frame):
        return f"{shape.line * POINTS_PER_MM:.2f} w {rectangle} S"
    return f"{rectangle} f"


def _circle(x: float, y: float, radius: float) -> str:
    """A circle of four curves."""
    pull = radius * 0.5523
    return (f"{x + radius:.3f} {y:.3f} m "
            f"{x + radius:.3f} {y + pull:.3f} {x + pull:.3f} {y + radius:.3f} "
            f"{x:.3f} {y + radius:.3f} c "
            f"{x - pull:.3f} {y + radius:.3f} {x - radius:.3f} {y + pull:.3f} "
            f"{x - radius:.3f} {y:.3f} c "
            f"{x - radius:.3f} {y - pull:.3f} {x - pull:.3f} {y - radius:.3f} "
            f"{x:.3f} {y - radius:.3f} c "
            f"{x + pull:.3f} {y - radius:.3f} {x + radius:.3f} {y - pull:.3f} "
            f"{x + radius:.3f} {y:.3f} c")


def _biohazard(sign: Biohazard, top: float) -> str:
    """The sign by its usual proportions: discs of 30 units at 11 from the middle, openings of 21
    at 15, a ring seen through the openings."""
    arms = [(cos(radians(turn)), sin(radians(turn))) for turn in (90, 210, 330)]
    scale = sign.side * POINTS_PER_MM / 52
    parts = [f"q {scale:.5f} 0 0 {scale:.5f} {(sign.x + sign.side / 2) * POINTS_PER_MM:.3f} "
             f"{top - (sign.y + sign.side * 0.55) * POINTS_PER_MM:.3f} cm"]
    parts += [_circle(11 * a, 11 * u, 15) + " f" for a, u in arms]
    parts.append("1 g 1 G")
    parts += [_circle(15 * a, 15 * u, 10.5) + " f" for a, u in arms]
    parts.append(_circle(0, 0, 3) + " f")
    for a, u in arms:
        parts.append(f"1 w 0 0 m {6 * a:.3f} {6 * u:.3f} l S "
                     f"4 w {22 * a:.3f} {22 * u:.3f} m {28 * a:.3f} {28 * u:.3f} l S")
    parts.append(" ".join(_circle(15 * a, 15 * u, 9.5) for a, u in arms) + " W n")
    parts.append("0 G 3.5 w " + _circle(0, 0, 11.5) + " S Q")
    return " ".join(parts)
