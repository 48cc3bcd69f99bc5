"""The label's fonts: how wide a text is, how it breaks into lines, and what cannot be printed.

The fonts are Bitstream Vera as the reportlab package carries them: 0 and O, 1 and I differ. Sizes
are points, widths millimetres. What stands after a ^ is an exponent, raised and a little smaller.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import reportlab
from reportlab.pdfbase.ttfonts import TTFontFile

POINTS_PER_MM = 72 / 25.4
SMALLEST = 7.0
ABOVE, BELOW = 0.76, 0.24           # of the size: how far letters reach over and under their line


class LabelOverflow(ValueError):
    """A text or symbol does not fit its place. `field` names it."""

    def __init__(self, field: str, text: str, place: str):
        super().__init__(f"{field} ({text!r}) does not fit {place}: shorten it or "
                         "take a larger label; nothing is cut")
        self.field = field


class Unprintable(ValueError):
    """A text holds a sign the label font does not have. `field` names it."""

    def __init__(self, field: str, text: str, missing: str):
        super().__init__(f"{field} ({text!r}) holds {missing!r}, which the label font does not "
                         "have: write it in other words")
        self.field = field


@dataclass(frozen=True, eq=False)
class Face:
    """One font file: widths in thousandths of the size, and the glyph number of each sign."""

    file: TTFontFile
    data: bytes
    widths: dict[str, float]
    glyphs: dict[int, str]                    # code point -> four hexadecimal figures

    def hexed(self, text: str) -> str:
        """The text as the page's operators name it."""
        return text.translate(self.glyphs)


def _face(name: str) -> Face:
    path = Path(reportlab.__file__).parent / "fonts" / name
    file = TTFontFile(str(path))
    # U+FFFF and the font's own space-like signs have no shape of their own to print.
    glyphs = {point: glyph for point, glyph in file.charToGlyph.items() if chr(point).isprintable()}
    return Face(file, path.read_bytes(), {chr(point): file.charWidths[point] for point in glyphs},
                {point: f"{glyph:04x}" for point, glyph in glyphs.items()})


REGULAR, BOLD = _face("Vera.ttf"), _face("VeraBd.ttf")
_SIGNS = frozenset(REGULAR.widths) & frozenset(BOLD.widths)


def require_glyphs(field: str, text: str) -> None:
    """Refuse a text the font cannot write."""
    if not _SIGNS.issuperset(text):
        raise Unprintable(field, text, next(sign for sign in text if sign not in _SIGNS))


def width_mm(text: str, size: float, bold: bool) -> float:
    """How wide the text is, in mm, at a size in points."""
    widths = (BOLD if bold else REGULAR).widths
    if "^" in text:
        return sum(sum(map(widths.__getitem__, part)) * part_size
                   for part, part_size, _ in runs(text, size)) / 1000 / POINTS_PER_MM
    return sum(map(widths.__getitem__, text)) * size / 1000 / POINTS_PER_MM


def runs(text: str, size: float) -> list[tuple[str, float, float]]:
    """The text in parts of one size each: (part, size, rise), all in points: 10^8."""
    if "^" not in text:
        return [(text, size, 0)]
    small = max(SMALLEST, size * 0.72)
    return [(part[1:], small, size * 0.36) if part[0] == "^" else (part, size, 0)
            for part in re.split(r"(\^-?\d+)", text) if part]


def overshoot(size: float) -> float:
    """How far an exponent reaches over the capitals of its line, in mm."""
    return (ABOVE * (max(SMALLEST, size * 0.72) - size) + size * 0.36) / POINTS_PER_MM


# A space between figures, or between a figure and its unit, is no place to break a line.
_BREAK = re.compile(r"(?<!\d) | (?![\d°%]|mL|g/L)")


def _words(text: str, size: float, bold: bool, width: float) -> list[str]:
    """What stays together, taken apart where it is wider than the line."""
    words = []
    for word in _BREAK.split(text):
        words += [word] if width_mm(word, size, bold) <= width else word.split(" ")
    return words


@lru_cache(maxsize=4096)
def wrapped(text: str, size: float, bold: bool, width: float) -> tuple[str, ...] | None:
    """The text in lines no wider than `width` mm, broken at spaces; None if a word is wider."""
    lines: list[str] = []
    line = ""
    for word in _words(text, size, bold, width):
        longer = f"{line} {word}" if line else word
        if width_mm(longer, size, bold) <= width:
            line = longer
            continue
        if width_mm(word, size, bold) > width:
            return None
        lines.append(line)
        line = word
    return (*lines, line)
