"""The pictures of the pages, drawn on paper: the same boxes, lines and numbers, as vectors."""

from __future__ import annotations

import re
from collections.abc import Callable

from reportlab.lib import colors
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from labels import qr
from mscbank.reports import growth, tongue
from mscbank.reports.layout import Drawn, Line, Picture, Tone
from mscbank.translations.phrases import FRENCH_POWERS
from mscbank.reports.paper import (
    ALARM,
    BOLD,
    INK,
    LINE,
    REGULAR,
    SHADE,
    SOFT,
    WIDTH,
    drawn,
)

BLACK, WHITE = colors.black, colors.white
MODULE = 3  # points: about a millimetre
MOST_HIGH = 600  # points that a picture may take of a page
_PATH = re.compile(r"M(\S+) (\S+) C(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)")
# The font has no small raised digits but 2 and 3: powers of ten are said in words.
_POWERS = (("×10⁶", " million"), ("×10³", " thousand"))
SMALLEST = 0.6  # of a letter's size: words that are longer than their box
Draw = tuple[int, int, Callable[[Canvas], None]]


class Drawing(Flowable):
    """A picture of so many points, made smaller where the page is."""

    def __init__(self, draw: Draw, *, width: float = WIDTH, height: float = MOST_HIGH) -> None:
        super().__init__()
        self.wide, self.high, self.drawn = draw
        self.scale = min(1, width / self.wide, height / self.high)

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        return width, self.high * self.scale + 4

    def draw(self) -> None:
        canvas = self.canv
        canvas.saveState()
        canvas.scale(self.scale, self.scale)
        canvas.translate(0, self.high)
        self.drawn(canvas)
        canvas.restoreState()


def drawn_tree(picture: Picture) -> Draw:
    """A family tree: the boxes of ``layout``, whose sizes are then points."""
    def draw(canvas: Canvas) -> None:
        for line in picture.lines:
            _line(canvas, line)
        for box in picture.boxes:
            _box(canvas, box, picture.grid.width, picture.grid.height)

    return picture.width, picture.height, draw


def said(text: str) -> str:
    """The words of a picture in the paper's language."""
    text = tongue.told(text)
    if tongue.language() == "fr":
        for pattern, words in FRENCH_POWERS:
            text = pattern.sub(words, text)
    for raised, words in _POWERS:
        text = text.replace(raised, words)
    return drawn(text)


def _fitted(canvas: Canvas, box: Drawn, down: float, text: str, font: str, size: float,
            width: float) -> None:
    """A line of a box, set smaller where it would run out of it."""
    told = said(text)
    long = canvas.stringWidth(told, font, size)
    canvas.setFont(font, max(size * min(1, (width - 9) / long), size * SMALLEST) if long else size)
    canvas.drawString(box.x + 5, -box.y - down, told)


def _line(canvas: Canvas, line: Line) -> None:
    x1, y1, *points = (float(each) for each in _PATH.fullmatch(line.path).groups())
    x2 = points[-2]
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.8)
    canvas.bezier(x1, -y1, *(each if place % 2 == 0 else -each
                             for place, each in enumerate(points)))
    label = said(line.label)
    fits = (x2 - x1 - 4) / max(canvas.stringWidth(label, REGULAR, 5), 1)
    if label and fits >= SMALLEST:  # else a box would hide a figure of it, which reads as another
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 5 * min(1, fits))
        canvas.drawCentredString((x1 + x2) / 2, -line.y, label)


def _box(canvas: Canvas, box: Drawn, width: int, height: int) -> None:
    stop, top = box.stop, -box.y
    canvas.setStrokeColor(ALARM if stop.tone is Tone.STOP else INK)
    canvas.setLineWidth(1.6 if stop.tone is Tone.STOP else 0.8)
    canvas.setFillColor(SHADE)
    canvas.roundRect(box.x, top - height, width, height, 3, fill=1)
    canvas.setFillColor(SOFT)
    _fitted(canvas, box, 9, stop.kind, REGULAR, 5.6, width)
    canvas.setFillColor(INK)
    _fitted(canvas, box, 19, stop.title, BOLD, 8, width)
    for number, line in enumerate(stop.lines):
        _fitted(canvas, box, 28 + 8 * number, line, REGULAR, 6, width)
    _fitted(canvas, box, height - 5, stop.state, BOLD, 6, width)


def drawn_curve(curve: growth.Curve) -> Draw:
    """The growth curve: cumulative doublings against days."""
    left, bottom = growth.LEFT, growth.HEIGHT - growth.BOTTOM

    def draw(canvas: Canvas) -> None:
        canvas.setFont(REGULAR, 9)
        canvas.setFillColor(SOFT)
        canvas.drawString(0, -12, said("Cumulative population doublings"))
        canvas.drawRightString(growth.WIDTH, -growth.HEIGHT + 6, said("days since the first seeding"))
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        for mark in curve.doublings:
            canvas.line(left, -mark.at, growth.WIDTH - growth.RIGHT, -mark.at)
            canvas.drawRightString(left - 5, -mark.at - 3, mark.text)
        for mark in curve.days:
            canvas.line(mark.at, -bottom, mark.at, -bottom - 4)
            canvas.drawCentredString(mark.at, -bottom - 15, mark.text)
        if curve.limit is not None:
            _limit(canvas, curve.limit, curve.limit_text)
        for passage in curve.passages:
            _passage(canvas, passage)

    return growth.WIDTH, growth.HEIGHT, draw


def _limit(canvas: Canvas, height: int, text: str) -> None:
    canvas.setStrokeColor(ALARM)
    canvas.setDash(4, 3)
    canvas.line(growth.LEFT, -height, growth.WIDTH - growth.RIGHT, -height)
    canvas.setDash()
    canvas.setFillColor(ALARM)
    canvas.drawRightString(growth.WIDTH - growth.RIGHT, -height + 3, said(text))
    canvas.setFillColor(SOFT)


def _passage(canvas: Canvas, passage: growth.Passage) -> None:
    canvas.setStrokeColor(INK)
    canvas.setFillColor(INK)
    canvas.setLineWidth(1.6)
    canvas.line(passage.x1, -passage.y1, passage.x2, -passage.y2)
    canvas.circle(passage.x1, -passage.y1, 2.4, fill=0)
    canvas.circle(passage.x2, -passage.y2, 2.4, fill=1)
    canvas.drawString(passage.x2 - 22, -passage.y2 + 6, passage.name)


def drawn_qr(text: str) -> Draw:
    """The text as a QR symbol of a size that a telephone reads from paper."""
    symbol = qr.matrix(text, qr.Level.M)
    side = (len(symbol) + 2 * qr.QUIET_ZONE) * MODULE

    def draw(canvas: Canvas) -> None:
        canvas.setFillColor(WHITE)
        canvas.rect(0, -side, side, side, stroke=0, fill=1)
        canvas.setFillColor(BLACK)
        for row, modules in enumerate(symbol):
            for column, dark in enumerate(modules):
                if dark:
                    canvas.rect((qr.QUIET_ZONE + column) * MODULE,
                                -(qr.QUIET_ZONE + row + 1) * MODULE, MODULE, MODULE,
                                stroke=0, fill=1)

    return side, side, draw
