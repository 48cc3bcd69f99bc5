"""Paper: A4 documents of headings, facts, tables and signatures. The same content, the same bytes.

Fonts are embedded, every page says which of how many it is and of what document, and no printing
time slips in. What a font lacks is written as its number, never left out. Words are escaped here:
pass plain text, or ``Marked`` for text that carries reportlab's own marks.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
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
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from labels.wording import moment, moment_in_utc
from mscbank.settings import local, settings
from mscbank.signatures.models import Signature

REGULAR, BOLD, ITALIC = "PaperVera", "PaperVera-Bold", "PaperVera-Italic"
_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
INSET = 6  # reportlab's frame keeps six points on each side
INK, SOFT, LINE, SHADE = (colors.HexColor(c) for c in ("#111111", "#4a4a4a", "#8a8a8a", "#eeeeee"))
ALARM = colors.HexColor("#9b1c1c")

for _name, _file in _FILES.items():
    pdfmetrics.registerFont(TTFont(_name, Path(reportlab.__file__).parent / "fonts" / _file))
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
_GLYPHS = frozenset.intersection(*(
    frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in _FILES))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, **{"fontName": REGULAR, "fontSize": size, "leading": size * 1.35,
                                   "textColor": INK, "splitLongWords": 1, **more})


BODY = _style("body", 8.5)
SMALL = _style("small", 7.2, textColor=SOFT)
HEAD = _style("head", 7.6, fontName=BOLD)
SECTION = _style("section", 11, fontName=BOLD, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
TITLE = _style("title", 16, fontName=BOLD, spaceAfter=1 * mm)
BANNER = _style("banner", 12, fontName=BOLD)


class Marked(str):
    """Text that already carries marks (``<b>``, ``<strike>``, ``<br/>``): not escaped again."""


def plain(text: object) -> Marked:
    """Words as they are printed: escaped, and a sign the font lacks as ``[U+0151]``."""
    words = text if isinstance(text, str) else str(text)
    if isinstance(words, Marked):
        return words
    shown = "".join(c if ord(c) in _GLYPHS or c == "\n" else f"[U+{ord(c):04X}]" for c in words)
    return Marked(escape(shown).replace("\n", "<br/>"))


def marked(form: str, *words: object) -> Marked:
    """``form`` with marks, its ``{}`` filled with escaped words."""
    return Marked(form.format(*(plain(word) for word in words)))


def words(text: object, style: ParagraphStyle = BODY) -> Paragraph:
    """One paragraph."""
    return Paragraph(plain(text), style)


def moment_here(at: Any) -> str:
    """A moment on the site's clock with its zone: ``2026-03-02 09:00 CET``."""
    return moment(local(at))


def when(at: Any) -> str:
    """A moment on the site's clock with its zone, and in UTC: ``2026-03-02 09:00 CET (08:00 UTC)``.
    """
    here = local(at)
    utc = moment_in_utc(here)
    return f"{moment(here)} ({utc})" if utc else moment(here)


def section(title: str, *content: Flowable) -> list[Flowable]:
    """A heading that never stands alone at the foot of a page."""
    return [CondPageBreak(30 * mm), words(title, SECTION), *content]


def banner(headline: str, sentence: str, *, alarm: bool = False) -> Table:
    """The one thing to see first. An alarm has a heavier frame: colour is never alone."""
    box = Table([[[words(headline, BANNER), words(sentence)]]], colWidths=[WIDTH])
    box.setStyle([("BOX", (0, 0), (-1, -1), 2.4 if alarm else 1, ALARM if alarm else INK),
                  ("BACKGROUND", (0, 0), (-1, -1), SHADE),
                  *_cells(3 * mm, 2.2 * mm)])
    return box


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and values in two columns."""
    table = Table([[words(name, HEAD), words(value)] for name, value in pairs],
                  colWidths=[38 * mm, WIDTH - 38 * mm])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_cells(0, 0.6 * mm)])
    return table


def grid(head: Sequence[str], rows: Iterable[Sequence[object]], parts: Sequence[float]) -> Table:
    """A table whose head is repeated on every page; ``parts`` share the width."""
    body = [[cell if isinstance(cell, Flowable) else words(cell) for cell in row] for row in rows]
    share = WIDTH / sum(parts)
    table = Table([[words(name, HEAD) for name in head], *body],
                  colWidths=[part * share for part in parts], repeatRows=1)
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                    ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK), *_cells(1.4 * mm, 1 * mm)])
    return table


_STATE: dict[bool | None, Marked] = {
    True: Marked("The signature covers the record as it stands."),
    False: Marked("<b>NO LONGER COVERS: the record was changed after this signature.</b>"),
    None: Marked("Followed by a later decision: that one counts."),
}


def signature(given: Signature, *, covers: bool | None, act: str = "",
              reason: str | None = None) -> Flowable:
    """One signature as it was given, and whether it still covers the record; None: a later
    decision has taken its place."""
    lines = [marked("<b>{}</b>", act)] if act else []
    lines.append(marked("“{}”", given.meaning.sentence))
    if reason:
        lines.append(marked("Reason: {}", reason))
    lines.append(marked("Signed by <b>{}</b> ({}), {}, on {}",
                        given.name, given.username, given.role, when(given.at)))
    digest = marked("over the record {}", given.digest)
    box = Table([[[*(words(line) for line in lines), words(digest, SMALL), words(_STATE[covers])]]],
                colWidths=[WIDTH])
    fallen = covers is False
    box.setStyle([("BOX", (0, 0), (-1, -1), 2 if fallen else 0.6, ALARM if fallen else LINE),
                  *_cells(2.5 * mm, 1.6 * mm)])
    return KeepTogether([box, Spacer(1, 2 * mm)])


def _cells(across: float, along: float) -> list[tuple[Any, ...]]:
    """Room inside the cells; and our font, since a table names one that is not embedded."""
    whole = ((0, 0), (-1, -1))
    return [("FONTNAME", *whole, REGULAR), ("LEFTPADDING", *whole, across),
            ("RIGHTPADDING", *whole, across), ("TOPPADDING", *whole, along),
            ("BOTTOMPADDING", *whole, along)]


def document(title: str, name: str, content: Sequence[Flowable], footer: str) -> bytes:
    """The PDF. ``name`` (which lot) stands on every page, ``footer`` (the trail's end) too."""
    out = io.BytesIO()
    site = settings()

    class Pages(Canvas):
        """Pages are kept until their number is known."""

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more | {"initialFontName": REGULAR})
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.kept, 1):
                self.__dict__.update(page)
                _frame(self, f"{site.site_name}, {site.site_address}", f"{title}: {name}",
                       f"Page {number} of {len(self.kept)}", footer)
                super().showPage()
            super().save()

    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN - INSET, rightMargin=MARGIN - INSET,
        topMargin=24 * mm, bottomMargin=24 * mm, title=f"{title}: {name}", author=site.site_name,
        invariant=1, lang="en")
    made.build([words(title, TITLE), *content], canvasmaker=Pages)
    return out.getvalue()


def _frame(page: Canvas, site: str, name: str, number: str, footer: str) -> None:
    page.setFillColor(SOFT)
    page.setStrokeColor(LINE)
    page.setLineWidth(0.5)
    top, foot = A4[1] - 17 * mm, 18 * mm
    page.line(MARGIN, top, A4[0] - MARGIN, top)
    page.line(MARGIN, foot, A4[0] - MARGIN, foot)
    page.setFont(REGULAR, 7.2)
    page.drawString(MARGIN, top + 1.6 * mm, _drawn(site))
    page.drawString(MARGIN, foot - 4 * mm, _drawn(name))
    page.drawRightString(A4[0] - MARGIN, foot - 4 * mm, number)
    page.setFont(REGULAR, 6.2)
    page.drawString(MARGIN, foot - 7.5 * mm, _drawn(footer))


def _drawn(text: str) -> str:
    return "".join(c if ord(c) in _GLYPHS else f"[U+{ord(c):04X}]" for c in text)
