"""Paper: the words, facts, tables and signature blocks that every document is made of.

Fonts are embedded. What a font lacks is written as its number, never left out; what is long wraps,
never cut. Words are escaped here: pass plain text, or ``Marked`` for text that carries reportlab's
own marks. ``reports.binding`` makes pages of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from mscbank.audit import chain
from mscbank.database import plain_decimal
from mscbank.reports import tongue
from mscbank.reports.tables import roomy, together
from mscbank.rules import LOWERED, RAISED, day_told, moment_told
from mscbank.settings import local
from mscbank.signatures.models import Signature
from mscbank.signatures.service import snapshot

REGULAR, BOLD, ITALIC = "PaperVera", "PaperVera-Bold", "PaperVera-Italic"
_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
INSET = 6  # reportlab's frame keeps six points on each side
INK, SOFT, LINE, SHADE = (colors.HexColor(c) for c in ("#111111", "#4a4a4a", "#8a8a8a", "#eeeeee"))
HUNDREDTH = Decimal("0.01")
ALARM = colors.HexColor("#9b1c1c")

_POWER = re.compile("(?<=10)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_TEN = re.compile(r"( x )?\b10\^(\d+)")
_INSTEAD = str.maketrans({"\u202f": "\u00a0", "→": "–"})  # what the font lacks and may be told else
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

for _name, _file in _FILES.items():
    pdfmetrics.registerFont(TTFont(_name, Path(reportlab.__file__).parent / "fonts" / _file))
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
_GLYPHS = frozenset.intersection(*(
    frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in _FILES))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, **{"fontName": REGULAR, "fontSize": size, "leading": size * 1.35,
                                   "textColor": INK, "splitLongWords": 1, "allowWidows": 0, **more})


BODY = _style("body", 8.5)
SMALL = _style("small", 7.2, textColor=SOFT)
CELL = _style("cell", 7.6)
TINY = _style("tiny", 6.4)
CODE = _style("code", 7.2, leading=11)
HEAD = _style("head", 7.6, fontName=BOLD)
CHAPTER = _style("chapter", 13, fontName=BOLD, spaceBefore=8 * mm, spaceAfter=2 * mm)
SECTION = _style("section", 10, fontName=BOLD, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
TITLE = _style("title", 16, fontName=BOLD, spaceAfter=1 * mm)
BANNER = _style("banner", 12, fontName=BOLD)


class Marked(str):
    """Text that already carries marks (``<b>``, ``<strike>``, ``<br/>``): not escaped again."""


def plain(text: object) -> Marked:
    """Words as they are printed, in the paper's language: escaped, and a sign the font lacks as
    ``[U+0151]``."""
    words = text if isinstance(text, str) else day_told(text) if type(text) is date else str(text)
    return words if isinstance(words, Marked) else typed(_TEN.sub(_powered, tongue.told(words)))


def _powered(found: re.Match[str]) -> str:
    """``3 x 10^6`` as it is printed, on one line: 3 × 10⁶."""
    return ("\u00a0×\u00a0" if found[1] else "") + f"10{found[2].translate(RAISED)}"


def typed(text: object) -> Marked:
    """Words that are no language's, such as somebody's own: as they are."""
    return Marked("<br/>".join(_raised(line) for line in str(text).split("\n")))


def _raised(line: str) -> str:
    """The font has no small raised digits: ``10⁶`` is set with a six that is raised."""
    parts = _POWER.split(line)
    return "".join(f"<super>{part.translate(LOWERED)}</super>" if at % 2 else escape(drawn(part))
                   for at, part in enumerate(parts))


def marked(form: str, *words: object) -> Marked:
    """``form`` with marks, its ``{}`` filled with escaped words."""
    return Marked(form.format(*(plain(word) for word in words)))


def words(text: object, style: ParagraphStyle = BODY) -> Paragraph:
    """One paragraph."""
    return Paragraph(plain(text), style)


def number(value: int | Decimal | None, unit: str = "") -> str:
    """A number with its unit, thousands apart and no needless zeros; a dash where there is none."""
    if value is None:
        return "—"
    told = plain_decimal(value) if isinstance(value, Decimal) else f"{value:,}".replace(",", " ")
    return tongue.told(f"{told} {unit}".rstrip())


def moment_here(at: Any) -> str:
    """A moment on the site's clock with its zone: ``02 MAR 2026 09:00 CET``."""
    return tongue.told(moment_told(local(at)))


def moments_here(text: str) -> str:
    """The same words, with moments as the trail writes them put on the site's clock."""
    return _MOMENT.sub(lambda found: entered(found[0]), text)


def entered(at: str) -> str:
    """A moment as the trail writes it, on the site's clock."""
    return moment_here(datetime.fromisoformat(at))


def when(at: Any) -> str:
    """A moment on the site's clock with its zone, and in UTC, with its day where that is another:
    ``02 MAR 2026 09:00 CET (08:00 UTC)``."""
    here, utc = local(at), at.astimezone(UTC)
    if here.replace(tzinfo=None) == utc.replace(tzinfo=None):
        return moment_told(here)
    there = f"{utc:%H:%M} UTC" if utc.date() == here.date() else moment_told(utc)
    return f"{moment_told(here)} ({there})"


def banner(headline: str, sentence: str, *, alarm: bool = False) -> Table:
    """The one thing to see first. An alarm has a heavier frame: colour is never alone."""
    box = Table([[[words(headline, BANNER), words(sentence)]]], colWidths=[WIDTH])
    box.setStyle([("BOX", (0, 0), (-1, -1), 2.4 if alarm else 1, ALARM if alarm else INK),
                  ("BACKGROUND", (0, 0), (-1, -1), SHADE),
                  *_cells(3 * mm, 2.2 * mm)])
    return box


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and values in two columns."""
    names, values, pairs = 38 * mm, WIDTH - 38 * mm, list(pairs)
    table = Table([[words(name, HEAD), _cell(value, BODY, values)] for name, value in pairs],
                  colWidths=[names, values])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_letters(BODY), *_cells(0, 0.6 * mm),
                    *together(pairs)])
    return table


def grid(head: Sequence[str], rows: Iterable[Sequence[object]], parts: Sequence[float], *,
         small: bool = False) -> Table:
    """A table whose head is repeated on every page; ``parts`` share the width."""
    style, rows = TINY if small else CELL, list(rows)
    widths = roomy([_longest(name) for name in head], [part * WIDTH / sum(parts) for part in parts])
    body = [[_cell(cell, style, width - 2.8 * mm)
             for cell, width in zip(row, widths, strict=True)] for row in rows]
    table = Table([[words(name, HEAD) for name in head], *body], colWidths=widths, repeatRows=1,
                  spaceAfter=1.4 * mm)  # what follows is about it and does not touch it
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), *_letters(style),
                    ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK), *_cells(1.4 * mm, 1 * mm),
                    *together([head, *rows])])
    return table


def _longest(name: str) -> float:
    """The room that the longest word of a column's head needs."""
    return 3 * mm + max((pdfmetrics.stringWidth(word, BOLD, HEAD.fontSize)
                         for word in drawn(tongue.told(name)).split()), default=0)


def _cell(text: object, style: ParagraphStyle, width: float) -> str | Paragraph:
    """Words that fit into one line are drawn as they are, which is many times quicker."""
    told = plain(text)
    if "<" in told or "&" in told or (
            pdfmetrics.stringWidth(told, style.fontName, style.fontSize) > width):
        return Paragraph(told, style)
    return str(told)


def _letters(style: ParagraphStyle) -> list[tuple[Any, ...]]:
    """Cells of plain words look like those of paragraphs."""
    whole = ((0, 0), (-1, -1))
    return [("FONTSIZE", *whole, style.fontSize), ("LEADING", *whole, style.leading),
            ("TEXTCOLOR", *whole, INK)]


def grid_or(nothing: str, head: Sequence[str], rows: Sequence[Sequence[object]],
            parts: Sequence[float]) -> Flowable:
    """A table; where there is nothing to put into it, the sentence that says so."""
    return grid(head, rows, parts) if rows else words(nothing)


class Cover(Enum):
    """Whether a signature covers the record as it stands, in the words of the paper."""

    WHOLE = "The signature covers the record as it stands."
    FALLEN = "NO LONGER COVERS: the record was changed after this signature."
    FOLLOWED = "Followed by a later decision: that one counts."


def cover(whole: bool) -> Cover:
    """The words for a signature that still stands alone."""
    return Cover.WHOLE if whole else Cover.FALLEN


def unaltered(given: Signature, row: Any) -> bool:
    """Whether nothing of the row that was signed has changed; what was empty then may be filled.

    For signatures over one row: the signed record, or the part of it that is the row's snapshot.
    """
    kept, now = json.loads(given.record), chain.plain(snapshot(row))
    seen = next((part for part in kept.values()
                 if isinstance(part, dict) and part.get("code") == now.get("code", "")), kept)
    return all(now.get(name, was) == was for name, was in seen.items()
               if was is not None and not isinstance(was, (dict, list)))


def signature(given: Signature, state: Cover, *, act: str = "", reason: str | None = None,
              changes: Sequence[str] = ()) -> Flowable:
    """One signature as it was given, whether it still covers the record, and what changed."""
    lines = [words(marked("<b>{}</b>", act))] if act else []
    sealed = given.meaning.sentence
    read = tongue.told(sealed)
    lines.append(words(typed(f"“{sealed}”" if read == sealed else f"«\u00a0{read}\u00a0»")))
    if read != sealed:
        lines.append(words(typed(f"“{sealed}”"), SMALL))  # what was signed is in English
    if reason:
        lines.append(words(marked("{}{}{}", "Reason", ": ", typed(reason))))
    lines += [words(_signed(given)), words(f"over the record {given.digest}", SMALL),
              words(marked("<b>{}</b>", state.value) if state is Cover.FALLEN else state.value)]
    lines += [words(f"changed: {change}", SMALL) for change in changes]
    return _framed(lines, alarm=state is Cover.FALLEN)


def _signed(given: Signature) -> Marked:
    """Who signed and when, the name in bold."""
    who, moment_ = f"{given.name} ({given.username})", when(given.at)
    said = plain(f"Signed by {who}, {given.role}, on {moment_}" if given.binding == "password" else
                 f"Signed by {who}, {given.role}, on {moment_}, with {given.binding}")
    name = typed(given.name)
    return Marked(said.replace(name, f"<b>{name}</b>", 1))


def unsigned(act: str, *sentences: object, alarm: bool = False) -> Flowable:
    """What the bank did by itself, in the place where a signature would stand."""
    return _framed([words(marked("<b>{}</b>", act)), *(words(each) for each in sentences)],
                   alarm=alarm)


def _framed(lines: Sequence[Flowable], *, alarm: bool) -> Flowable:
    """A block with a frame, whole on a page where it fits; an alarm has a heavier frame."""
    box = Table([[line] for line in lines], colWidths=[WIDTH])
    box.setStyle([("BOX", (0, 0), (-1, -1), 2 if alarm else 0.6, ALARM if alarm else LINE),
                  *_cells(2.5 * mm, 0.5 * mm), ("TOPPADDING", (0, 0), (-1, 0), 1.6 * mm),
                  ("BOTTOMPADDING", (0, -1), (-1, -1), 1.6 * mm)])
    return KeepTogether([box, Spacer(1, 2 * mm)])


def struck(was: object, by: str, at: Any, why: str | None, word: str = "corrected") -> Marked:
    """What was corrected or withdrawn, struck through, with who did so, when and why."""
    return marked('<strike>{}</strike>  <b>{}</b><br/><font size="7">by {}, {}: {}</font>',
                  was, word, by, moment_here(at), why or "no reason given")


def unusual(why: str | None) -> Marked:
    """Under a value out of the usual: why it is right, as it was written beside it."""
    return marked('<br/><font size="7"><b>{}</b> {}</font>', "Out of the usual:", typed(why)) \
        if why else Marked("")


def _cells(across: float, along: float) -> list[tuple[Any, ...]]:
    """Room inside the cells; and our font, since a table names one that is not embedded."""
    whole = ((0, 0), (-1, -1))
    return [("FONTNAME", *whole, REGULAR), ("LEFTPADDING", *whole, across),
            ("RIGHTPADDING", *whole, across), ("TOPPADDING", *whole, along),
            ("BOTTOMPADDING", *whole, along)]


def drawn(text: str) -> str:
    """Words as a canvas draws them: a sign the font lacks as ``[U+0151]``."""
    return "".join(c if ord(c) in _GLYPHS else f"[U+{ord(c):04X}]"
                   for c in text.translate(_INSTEAD))
