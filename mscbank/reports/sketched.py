"""The plain marks of ``sketch`` drawn on paper: shapes and greys, as a black printer shows them."""

from __future__ import annotations

from reportlab.lib import colors
from reportlab.pdfgen.canvas import Canvas

from mscbank.reports.drawing import SMALLEST, Draw, said
from mscbank.reports.layout import Tone
from mscbank.reports.paper import ALARM, BOLD, INK, LINE, REGULAR, SHADE, SOFT
from mscbank.reports.sketch import Block, Fill, Ink, Mark, Rule, Sign, Sketch, Way, Words, cut

COLOURS = {Ink.LINE: LINE, Ink.SOFT: SOFT, Ink.INK: INK, Ink.ACT: INK, Ink.STOP: ALARM,
           Ink.BAND: SHADE}
FILLS = {Fill.FREE: colors.white, Fill.TAKEN: SHADE, Fill.BAND: colors.HexColor("#e4e9ee"),
         Fill.BAR: colors.HexColor("#b9c3cc")}
SIZE = 10


def drawn_sketch(picture: Sketch) -> Draw:
    """The picture, its pixels as points."""
    def draw(canvas: Canvas) -> None:
        for mark in picture.marks:
            canvas.setDash()
            DRAWN[type(mark)](canvas, mark)

    return picture.width, picture.height, draw


def _rule(canvas: Canvas, mark: Rule) -> None:
    canvas.setStrokeColor(COLOURS[mark.ink])
    canvas.setLineWidth(0.5 if mark.ink is Ink.LINE else 1.1)
    if mark.dashed:
        canvas.setDash(3, 2)
    canvas.line(mark.x1, -mark.y1, mark.x2, -mark.y2)


def _way(canvas: Canvas, mark: Way) -> None:
    canvas.setStrokeColor(COLOURS[mark.ink])
    canvas.setLineWidth(0.5 if mark.ink is Ink.LINE else 1.5)
    path = canvas.beginPath()
    (x, y), *further = mark.points
    path.moveTo(x, -y)
    for x, y in further:
        path.lineTo(x, -y)
    canvas.drawPath(path)


def _words(canvas: Canvas, mark: Words) -> None:
    canvas.setFillColor(COLOURS[mark.ink])
    canvas.setFont(BOLD if mark.bold else REGULAR, SIZE)
    draw = {"start": canvas.drawString, "middle": canvas.drawCentredString,
            "end": canvas.drawRightString}[mark.anchor]
    draw(mark.x, -mark.y, said(mark.text))


def _block(canvas: Canvas, mark: Block) -> None:
    framed = mark.fill in (Fill.FREE, Fill.TAKEN)
    canvas.setFillColor(FILLS[mark.fill])
    canvas.setStrokeColor(INK if mark.here else LINE)
    canvas.setLineWidth(2 if mark.here else 0.6)
    if mark.fill is Fill.FREE:
        canvas.setDash(2, 2)
    canvas.roundRect(mark.x, -mark.y - mark.height, mark.width, mark.height, 3 if framed else 0,
                     stroke=framed, fill=1)
    for number, line in enumerate(mark.lines):
        canvas.setFillColor(SOFT if number else INK)
        font, told = REGULAR if number else BOLD, said(line)
        room = mark.width - (26 if mark.tone and not number else 10)
        fits = max(min(1, (room - 2) / canvas.stringWidth(told or " ", font, SIZE - 1)), SMALLEST)
        canvas.setFont(font, (SIZE - 1) * fits)
        canvas.drawString(mark.x + 7, -mark.y - 17 - 15 * number + 2,
                          told if fits > SMALLEST else cut(told, int(room / SMALLEST)))
    if mark.tone:
        _sign(canvas, Sign(mark.x + mark.width - 12, mark.y + 12, mark.tone))


def _sign(canvas: Canvas, mark: Sign) -> None:
    """The same shapes as on the page: circle, octagon, triangle, bars, ring."""
    x, y, r = mark.x, -mark.y, 6
    canvas.setDash()
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.2)
    canvas.setFillColor({Tone.STOP: ALARM, Tone.GOOD: INK, Tone.DONE: SOFT}.get(
        mark.tone, colors.white))
    if mark.tone in (Tone.GOOD, Tone.OPEN):
        canvas.circle(x, y, r - 1, stroke=mark.tone is Tone.OPEN, fill=1)
        _strokes(canvas, ((x - 3, y), (x - 1, y - 2), (x + 3, y + 2.5)) if mark.tone is Tone.GOOD
                 else ())
    elif mark.tone is Tone.DONE:
        canvas.rect(x - 5, y - 5, 3.5, 10, stroke=0, fill=1)
        canvas.rect(x + 1.5, y - 5, 3.5, 10, stroke=0, fill=1)
    else:
        corners = ([(-2.5, 6), (2.5, 6), (6, 2.5), (6, -2.5), (2.5, -6), (-2.5, -6), (-6, -2.5),
                    (-6, 2.5)] if mark.tone is Tone.STOP else [(0, 6), (6, -5), (-6, -5)])
        path = canvas.beginPath()
        path.moveTo(x + corners[0][0], y + corners[0][1])
        for across, up in corners[1:]:
            path.lineTo(x + across, y + up)
        path.close()
        canvas.drawPath(path, stroke=mark.tone is Tone.WAIT, fill=1)
        if mark.tone is Tone.STOP:
            _strokes(canvas, ((x - 2.4, y - 2.4), (x + 2.4, y + 2.4)))
            _strokes(canvas, ((x - 2.4, y + 2.4), (x + 2.4, y - 2.4)))


def _strokes(canvas: Canvas, points: tuple[tuple[float, float], ...]) -> None:
    canvas.setStrokeColor(colors.white)
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        canvas.line(x1, y1, x2, y2)


DRAWN = {Rule: _rule, Way: _way, Words: _words, Block: _block, Sign: _sign}
assert set(DRAWN) == set(Mark.__args__)
