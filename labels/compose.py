"""A label's facts put into the places of its layout: the finished scene, or a refusal.

Every text is measured before it is placed. One that does not fit at its smallest permitted size
raises LabelOverflow naming the fact; a sign the fonts do not have raises Unprintable.
"""
from __future__ import annotations

from functools import lru_cache
from typing import Any

from .facts import Facts, facts_of, symbol_text
from .ink import (
    ABOVE,
    POINTS_PER_MM,
    LabelOverflow,
    Unprintable,
    overshoot,
    require_glyphs,
    width_mm,
    wrapped,
)
from .layout import Caption, Cell, Flow, Layout, Paragraph, Row, SymbolPlace, Table
from .layout_file import facts_in, in_language
from .qr import Level, data_matrix, matrix
from .scene import Bar, Biohazard, Frame, Scene, Symbol, Text
from .stock import dots, module_dots
from .wording import Language

BOX_GAP, BOX_EDGE = 0.6, 0.8
# The label's face is a wide one: before a text is refused its letters are set narrower, as high
# as ever.
NARROWER, CLOSER = (0.92, 0.84), 1.02


@lru_cache(maxsize=256)
def fixed(layout: Layout, language: Language) -> Scene:
    """What every label of the layout shows."""
    worded = in_language(layout, language)
    return Scene([_caption(each) for each in worded.caption], [],
                 [Bar(*each.at, *each.size) for each in layout.bar]
                 + [Frame(*each.at, *each.size) for each in layout.frame])


def _caption(caption: Caption) -> Text:
    x, y = caption.at
    for size in caption.sizes:
        wide = width_mm(caption.text, size, caption.bold)
        if wide <= caption.until - x:
            return Text("caption", caption.until - wide if caption.right else x, y, caption.text,
                        size, caption.bold, caption.white)
    raise LabelOverflow("caption", caption.text, "its place")


def compose(layout: Layout, label: Any, language: Language, dpi: int) -> Scene:
    """What this label shows beside the fixed part."""
    worded, facts = in_language(layout, language), facts_of(label, language)
    for name, text in facts.texts.items():
        require_glyphs(name, text)
    scene = Scene([], [symbol(each, label, dpi) for each in layout.symbol],
                  [Biohazard(*each.at, each.side) for each in layout.sign
                   if facts.texts[each.when]])
    for row in worded.row:
        _row(scene, row, facts.texts, layout.name)
    for flow in worded.flow:
        _flow(scene, flow, facts, layout.name)
    for table in worded.table:
        _table(scene, table, label, language, layout.name, dpi)
    return scene


def _culprit(texts: list[str], facts: dict[str, str]) -> tuple[str, str]:
    """The longest fact among those that templates name: most likely the one too long."""
    named = [name for text in texts for name in facts_in(text)]
    if not named:
        return "caption", texts[0]
    longest = max(named, key=lambda name: len(facts[name]))
    return longest, facts[longest]


# --- symbols ------------------------------------------------------------------------------------

def symbol(place: SymbolPlace, label: Any, dpi: int, down: float = 0.0) -> Symbol:
    """A symbol on whole dots, its quiet zone in the place's corner."""
    text = symbol_text(label, place.fact)
    drawn = (matrix(text, Level[place.level]) if place.form == "qr" else data_matrix(text))
    rows, columns = drawn.shape
    if max(rows, columns) > place.modules:
        raise LabelOverflow(place.fact, text, f"a symbol of {place.modules} modules")
    module = module_dots(place.module, dpi)
    column, row = dots(place.at[0], dpi), dots(place.at[1] + down, dpi)
    if "right" in place.corner:
        column -= (columns + 2 * place.quiet) * module
    if "bottom" in place.corner:
        row -= (rows + 2 * place.quiet) * module
    around = place.quiet * module
    return Symbol(place.fact, text, drawn, column + around, row + around, module, place.quiet, dpi)


# --- rows ---------------------------------------------------------------------------------------

def _wide(cell: Cell, text: str, size: float, stretch: float) -> float:
    """The width a cell takes; a boxed one has its box."""
    wide = width_mm(text, size, cell.bold) * stretch
    return wide if not cell.boxed else max(wide, 0.76 * size / POINTS_PER_MM) + 2 * BOX_EDGE


def _row(scene: Scene, row: Row, facts: dict[str, str], name: str) -> None:
    cells = [(cell, text) for cell in row.start + row.end
             if (text := cell.text.format_map(facts)).strip()
             and (not facts_in(cell.text) or any(facts[each] for each in facts_in(cell.text)))]
    for cell, text in cells:
        if "^" in text and not cell.is_raised:
            raise Unprintable(_culprit([cell.text], facts)[0], text, "^")
    sizes, stretch, widths = _fitted(row, cells, facts, name)
    left, right = row.left, row.right
    ends = len(cells) - sum(cell in row.end for cell, _ in cells)
    for i in range(ends):
        _cell(scene, *cells[i], left, row.y, sizes[i], stretch)
        left += widths[i] + row.gap
    for i in reversed(range(ends, len(cells))):
        right -= widths[i]
        _cell(scene, *cells[i], right, row.y, sizes[i], stretch)
        right -= row.gap


def _fitted(row: Row, cells: list[tuple[Cell, str]], facts: dict[str, str], name: str,
            ) -> tuple[list[float], float, list[float]]:
    """The size of each text, how narrow all are set, and the widths they take then."""
    steps, stretches = [0] * len(cells), iter(NARROWER)
    stretch, room = 1.0, row.right - row.left - row.gap * (len(cells) - 1)
    widths = [_wide(cell, text, cell.sizes[0], stretch) for cell, text in cells]
    while sum(widths) > room:
        # The last texts of a row give way first.
        at = next((i for i in reversed(range(len(cells)))
                   if steps[i] + 1 < len(cells[i][0].sizes)), None)
        if at is not None:
            steps[at] += 1
            cell, text = cells[at]
            widths[at] = _wide(cell, text, cell.sizes[steps[at]], stretch)
            continue
        stretch = next(stretches, 0)
        if not stretch:
            worst = max(range(len(cells)), key=widths.__getitem__)
            raise LabelOverflow(*_culprit([cells[worst][0].text], facts), name)
        widths = [_wide(cell, text, cell.sizes[-1], stretch) for cell, text in cells]
    return [cell.sizes[step] for (cell, _), step in zip(cells, steps)], stretch, widths


def _cell(scene: Scene, cell: Cell, text: str, x: float, y: float, size: float,
          stretch: float) -> None:
    if cell.boxed:
        tall, wide = 0.76 * size / POINTS_PER_MM, _wide(cell, text, size, stretch)
        scene.shapes.append(Frame(x, y - tall - BOX_GAP, wide, tall + 2 * BOX_GAP))
        x += (wide - width_mm(text, size, cell.bold) * stretch) / 2
    scene.texts.append(Text(cell.text.strip("{}"), x, y, text, size, cell.bold, False, stretch))


# --- paragraphs ---------------------------------------------------------------------------------

class _Full(Exception):
    """The regions are used up."""


def _flow(scene: Scene, flow: Flow, facts: Facts, name: str) -> None:
    """Fill the regions, in the largest sizes that fit."""
    last = max(max(len(each.sizes), 1 + each.apart) for each in flow.paragraphs) - 1
    for step, stretch in (*((step, 1.0) for step in range(last + 1)),
                          *((last, each) for each in NARROWER)):
        placed: list[Text] = []
        try:
            _fill(placed, flow, facts, step, stretch)
        except _Full:
            continue
        scene.texts.extend(placed)
        return
    raise LabelOverflow(*_culprit([each.text for each in flow.paragraphs], facts.texts), name)


def _fill(placed: list[Text], flow: Flow, facts: Facts, step: int, stretch: float) -> None:
    regions = iter(flow.regions)
    left, y, right, bottom = next(regions)
    for paragraph, text in _paragraphs(flow, facts, step):
        size = paragraph.sizes[min(step, len(paragraph.sizes) - 1)]
        leading = flow.leading if stretch == 1 else min(flow.leading, CLOSER)
        tall = size * leading / POINTS_PER_MM
        y += paragraph.space if placed else 0
        raised = overshoot(size) if "^" in text else 0
        while text:
            start, until = left, right
            while y + tall + raised > bottom + 0.01:
                following = next(regions, None)
                if following is None:
                    raise _Full
                # A line over the border of two regions that touch stays inside both.
                meets = following[1] <= bottom + 0.01
                left, top, right, below = following
                start, until = (max(start, left), min(until, right)) if meets else (left, right)
                y, bottom = y if meets else max(y, top), below
            lines = wrapped(text, size, paragraph.bold, (until - start) / stretch)
            if lines is None:
                raise _Full
            line = y + raised + tall / 2 + (ABOVE - 0.5) * size / POINTS_PER_MM
            placed.append(Text(paragraph.text, start, line, lines[0], size, paragraph.bold,
                               False, stretch))
            y += tall + raised
            text = " ".join(lines[1:])


def _paragraphs(flow: Flow, facts: Facts, step: int) -> list[tuple[Paragraph, str]]:
    """What is to be written, blank facts left out."""
    found = []
    for paragraph in flow.paragraphs:
        named = facts_in(paragraph.text)
        if named and not any(facts.texts[each] for each in named):
            continue
        if paragraph.apart and step == 0:
            found += [(paragraph, sentence) for sentence in facts.sentences[named[0]]]
        else:
            found.append((paragraph, paragraph.text.format_map(facts.texts)))
    return found


# --- tables -------------------------------------------------------------------------------------

def _table(scene: Scene, table: Table, label: Any, language: Language, name: str,
           dpi: int) -> None:
    rows = getattr(label, table.rows)
    if len(rows) > table.most:
        raise LabelOverflow(table.rows, f"{len(rows)} lines", f"{name}, which has {table.most}")
    for number, each in enumerate(rows):
        top, facts = table.top + number * table.height, facts_of(each, language).texts
        for column in table.columns:
            cell = Cell(column.text, column.sizes, column.bold)
            _row(scene, Row(top + column.y, column.x, column.until, (cell,)), facts, name)
        scene.symbols.append(symbol(table.symbol, each, dpi, top))
        scene.shapes.append(Bar(table.left, top + table.height - 0.2,
                                table.right - table.left, 0.15))
