"""Labels for thermal printers that speak ZPL: the same scene, as graphics in whole dots.

Nothing is left to the printer's own fonts or symbols. Texts and lines are one picture, drawn from
the same embedded fonts by the reader that `readback` looks through; every symbol is a picture of
our own matrix. `pictures` draws the bytes again as the printer will, for the preview and for
reading back: what it shows is what is sent.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from . import compose, readback
from .content import Label
from .draw import LAYOUTS, Layouts, NoLayout, layout, page_dots
from .pdf import Document
from .scene import Symbol, operators
from .stock import Stock, resolution
from .wording import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .masks import Matrix as Dots

_COUNTS = {n: chr(ord("F") + n) for n in range(1, 20)} | {
    20 * n: chr(ord("f") + n) for n in range(1, 21)}
_VALUES = {letter: count for count, letter in _COUNTS.items()}
_FIELD = re.compile(rb"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([0-9A-Za-z,:!]*)\^FS\n")
_LABEL = re.compile(rb"\^XA\n\^PW(\d+)\n\^LL(\d+)\n\^LH0,0\n((?:\^FO[^^]*\^GFA[^^]*\^FS\n)+)"
                    rb"\^PQ1\n\^XZ\n")


class NotOurs(ValueError):
    """The bytes are not what `draw` of this module writes."""


def draw(labels: Iterable[Label], stock: Stock, *, dpi: int = 203,
         language: Language = Language.EN, layouts: Layouts = LAYOUTS) -> bytes:
    """The ZPL of the labels, one format each. Raises as `labels.draw.draw` does."""
    resolution(dpi)
    if stock.grid is not None:
        raise NoLayout(f"{stock.name} is a sheet; a thermal printer takes a roll")
    width, height = page_dots(stock, dpi)
    document, symbols = Document(width * 72 / dpi - 1e-4, height * 72 / dpi - 1e-4), []
    for label in labels:
        found = layout(label, stock, layouts)
        scene, fixed = compose.compose(found, label, language, dpi), compose.fixed(found, language)
        document.page("\n".join(operators(each._replace(symbols=[]), height, dpi)
                                for each in (fixed, scene)))
        symbols.append(scene.symbols)
    if not symbols:
        raise ValueError("there is no label to draw: choose at least one")
    pages = readback.pictures(document.finished(), dpi)
    return b"".join(_format(grey < 128, each) for grey, each in zip(pages, symbols, strict=True))


def _format(texts: Dots, symbols: list[Symbol]) -> bytes:
    height, width = texts.shape
    fields = [_graphic(0, 0, texts)]
    for each in symbols:
        dark = each.matrix.repeat(each.module, axis=0).repeat(each.module, axis=1)
        fields.append(_graphic(each.column, each.row, dark))
    return (b"^XA\n^PW%d\n^LL%d\n^LH0,0\n" % (width, height) + b"".join(fields)
            + b"^PQ1\n^XZ\n")


def _graphic(column: int, row: int, dark: Dots) -> bytes:
    import numpy as np  # loaded with the symbol

    packed = np.packbits(dark, axis=1)
    rows, wide = packed.shape
    return (f"^FO{column},{row}^GFA,{rows * wide},{rows * wide},{wide},{_squeezed(packed)}"
            "^FS\n").encode()


def _squeezed(packed: NDArray[np.uint8]) -> str:
    """The rows in hexadecimal: `:` repeats the row before, `,` and `!` fill a row with noughts or
    ones, a letter before a figure says how often it comes."""
    rows, before = [], None
    for line in packed:
        figures = line.tobytes().hex().upper()
        if figures == before:
            rows.append(":")
            continue
        before = figures
        fill = ""
        for figure, sign in (("0", ","), ("F", "!")):
            if figures.endswith(figure):
                figures, fill = figures.rstrip(figure), sign
                break
        rows.append(re.sub(r"(.)\1+", _run, figures) + fill)
    return "".join(rows)


def _run(found: re.Match[str]) -> str:
    count, letters = len(found[0]), ""
    while count > 400:
        letters, count = letters + "z", count - 400
    if count >= 20:
        letters, count = letters + _COUNTS[count // 20 * 20], count % 20
    return letters + (_COUNTS[count] if count else "") + found[1]


# --- drawing the bytes again --------------------------------------------------------------------

def pictures(data: bytes) -> Iterator[NDArray[np.uint8]]:
    """Each label as grey values, one a dot, as the printer will burn it. Raises NotOurs."""
    at = 0
    while at < len(data):
        found = _LABEL.match(data, at)
        if found is None:
            raise NotOurs(f"what stands at byte {at} is no label of ours: print nothing of it")
        yield _burnt(int(found[1]), int(found[2]), found[3])
        at = found.end()


def _burnt(width: int, height: int, fields: bytes) -> NDArray[np.uint8]:
    import numpy as np

    dark, at = np.zeros((height, width), np.bool_), 0
    while at < len(fields):
        found = _FIELD.match(fields, at)
        if found is None or found[3] != found[4]:
            raise NotOurs("a field is no graphic of ours: print nothing of it")
        column, row, total, wide = (int(found[n]) for n in (1, 2, 3, 5))
        bits = np.unpackbits(_spread(found[6].decode(), wide, total), axis=1).astype(np.bool_)
        bits = bits[:height - row, :width - column]
        dark[row:row + bits.shape[0], column:column + bits.shape[1]] |= bits
        at = found.end()
    return np.where(dark, 0, 255).astype(np.uint8)


def _spread(text: str, wide: int, total: int) -> NDArray[np.uint8]:
    """The rows that `_squeezed` wrote."""
    rows: list[str] = []
    line, count = "", 0
    for sign in text:
        if sign in _VALUES and not (sign in "ABCDEF"):
            count += _VALUES[sign]
            continue
        if sign == ":":
            line = rows[-1] if rows else ""
        elif sign in ",!":
            line += ("0" if sign == "," else "F") * (2 * wide - len(line))
        else:
            line += sign * (count or 1)
        count = 0
        if len(line) >= 2 * wide:
            rows.append(line)
            line = ""
    data = bytes.fromhex("".join(rows)) if all(len(row) == 2 * wide for row in rows) else b""
    if len(data) != total or line or count:
        raise NotOurs("a graphic is not complete: print nothing of it")
    import numpy as np

    return np.frombuffer(data, np.uint8).reshape(-1, wide)
