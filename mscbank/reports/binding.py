"""Binding: flowing content into the pages of one PDF, numbered, bookmarked, with its contents.

The same content gives the same bytes: no printing time slips in, the date of the file is that of
the trail's last entry. Pages are kept until the last is known, so that each says which of how many
it is and the table of contents knows its numbers without a second run.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, SimpleDocTemplate, Table

from mscbank.audit.checkpoints import Checkpoint
from mscbank.reports import paper, tongue
from mscbank.reports.paper import INK, INSET, LINE, MARGIN, REGULAR, SOFT, mm
from mscbank.reports.tables import beginning
from mscbank.settings import settings

WATER = colors.HexColor("#e2e2e2")
HEAD, FOOT = 17 * mm, 18 * mm
LEAF = 6.2 * mm  # between two lines of the contents


@dataclass(frozen=True)
class Place:
    """A heading as it came to stand: on which page, how high."""

    title: str
    level: int
    page: int
    height: float


@dataclass
class Sheets:
    """What the pages share: their words, and what was met while they were filled."""

    site: str
    name: str
    footer: str
    watermark: str
    date: str
    size: tuple[float, float] = A4
    headings: list[Place] = field(default_factory=list)
    contents: list[Place] = field(default_factory=list)


class Anchor(Flowable):
    """Where a heading stands: for the bookmarks of the file and the table of contents."""

    _ZEROSIZE = True

    def __init__(self, title: str, level: int) -> None:
        super().__init__()
        self.title, self.level = title, level

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        canvas = self.canv
        canvas.sheets.headings.append(Place(
            self.title, self.level, len(canvas.kept), canvas.absolutePosition(0, 0)[1]))


class Contents(Flowable):
    """The table of contents; the numbers are filled in when all pages are there."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self.titles = titles

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        return width, LEAF * len(self.titles)

    def draw(self) -> None:
        canvas = self.canv
        for number, title in enumerate(self.titles, 1):
            height = LEAF * (len(self.titles) - number) + 1.6 * mm
            canvas.setFont(REGULAR, 9)
            canvas.setFillColor(INK)
            canvas.drawString(0, height, paper.drawn(title))
            canvas.sheets.contents.append(Place(
                title, 0, len(canvas.kept), canvas.absolutePosition(0, height)[1]))


def chapter(title: str, *content: Flowable) -> list[Flowable]:
    """A chapter: bookmarked, and in the table of contents by this title."""
    return [CondPageBreak(max(45 * mm, 22 * mm + _start(content))), Anchor(tongue.told(title), 0),
            paper.words(title, paper.CHAPTER), *content]


def section(title: str, *content: Flowable, room: float = 30 * mm) -> list[Flowable]:
    """A bookmarked heading that never stands alone at the foot of a page: ``room`` is what must
    be left on it, or more where the rows a table begins with ask for it."""
    return [CondPageBreak(max(room, 14 * mm + _start(content))), Anchor(tongue.told(title), 1),
            paper.words(title, paper.SECTION), *content]


def _start(content: Sequence[Flowable]) -> float:
    """The height of the rows that a table under a heading keeps together."""
    if not content or not isinstance(table := content[0], Table):
        return 0
    table.wrap(paper.WIDTH, A4[1])
    heights = table._rowHeights
    return sum(heights[:beginning(len(heights))])


def document(title: str, name: str, content: Sequence[Flowable], *, head: Checkpoint,
             watermark: str = "", across: bool = False) -> bytes:
    """The PDF. ``name`` (which lot) and the trail's end stand on every page; ``watermark``, where
    there is one, behind the words of each. ``across``: pages that lie on their long side."""
    out = io.BytesIO()
    site = settings()
    date = "D:" + head.time[:19].translate({ord(c): None for c in "-T:"}) + "Z"
    sheets = Sheets(f"{site.site_name}, {site.site_address}",
                    tongue.told(title) + tongue.told(": ") + tongue.told(name),
                    tongue.told(f"Trail: entry {head.sequence} of "
                                f"{paper.when(datetime.fromisoformat(head.time))}, {head.hash}"),
                    tongue.told(watermark), date,
                    landscape(A4) if across else A4)

    class Bound(Leaves):
        """The pages of this document."""

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(sheets, *args, **more)

    made = SimpleDocTemplate(
        out, pagesize=sheets.size, leftMargin=MARGIN - INSET, rightMargin=MARGIN - INSET,
        topMargin=24 * mm, bottomMargin=24 * mm, title=sheets.name, author=site.site_name,
        subject=sheets.footer, creator="mscbank", invariant=1, lang=tongue.language())
    made.build([paper.words(title, paper.TITLE), *content], canvasmaker=Bound)
    return out.getvalue()


class Leaves(Canvas):
    """Pages that are kept until their number is known."""

    def __init__(self, sheets: Sheets, *args: Any, **more: Any) -> None:
        self.sheets = sheets
        super().__init__(*args, **more | {"initialFontName": REGULAR})
        self.kept: list[dict[str, Any]] = []
        self.setDateFormatter(lambda *_: sheets.date)
        self._water()

    def showPage(self) -> None:
        self.kept.append(dict(self.__dict__))
        self._startPage()
        self._water()

    def save(self) -> None:
        for number, page in enumerate(self.kept):
            self.__dict__.update(page)
            self._frame(tongue.told(f"Page {number + 1} of {len(self.kept)}"))
            self._mark(number)
            self._fill_contents(number)
            super().showPage()
        if len(self.sheets.headings) > 1:
            self.showOutline()
        super().save()

    def _water(self) -> None:
        """The watermark, behind what is written next."""
        if not self.sheets.watermark:
            return
        self.saveState()
        self.translate(self.sheets.size[0] / 2, self.sheets.size[1] / 2)
        self.rotate(52)
        self.setFillColor(WATER)
        self.setFont(paper.BOLD, 62)
        self.drawCentredString(0, -20, paper.drawn(self.sheets.watermark))
        self.restoreState()

    def _frame(self, number: str) -> None:
        right, top = self.sheets.size[0] - MARGIN, self.sheets.size[1] - HEAD
        self.setFillColor(SOFT)
        self.setStrokeColor(LINE)
        self.setLineWidth(0.5)
        self.line(MARGIN, top, right, top)
        self.line(MARGIN, FOOT, right, FOOT)
        self.setFont(REGULAR, 7.2)
        self.drawString(MARGIN, top + 1.6 * mm, paper.drawn(self.sheets.site))
        self.drawString(MARGIN, FOOT - 4 * mm, paper.drawn(self.sheets.name))
        self.drawRightString(right, FOOT - 4 * mm, number)
        self.setFont(REGULAR, 6.2)
        self.drawString(MARGIN, FOOT - 7.5 * mm, paper.drawn(self.sheets.footer))

    def _mark(self, page: int) -> None:
        """The bookmarks of this page: a paper without chapters begins with its sections."""
        highest = min((place.level for place in self.sheets.headings), default=0)
        for number, place in enumerate(self.sheets.headings):
            if place.page == page:
                self.bookmarkPage(f"h{number}", fit="XYZ", left=0, top=place.height + 4 * mm)
                self.addOutlineEntry(place.title, f"h{number}", place.level - highest, closed=True)

    def _fill_contents(self, page: int) -> None:
        """The page of each chapter, and a way to go there."""
        chapters = {place.title: (number, place.page + 1)
                    for number, place in enumerate(self.sheets.headings) if place.level == 0}
        for line in (line for line in self.sheets.contents if line.page == page):
            number, on = chapters[line.title]
            begins = MARGIN + self.stringWidth(paper.drawn(line.title), REGULAR, 9) + 2 * mm
            ends = self.sheets.size[0] - MARGIN
            self.setFillColor(INK)
            self.setStrokeColor(LINE)
            self.setDash(0.5, 2)
            self.line(begins, line.height, ends - 9 * mm, line.height)
            self.setDash()
            self.setFont(REGULAR, 9)
            self.drawRightString(ends, line.height, str(on))
            self.linkRect(line.title, f"h{number}",
                          (MARGIN, line.height - 1.5 * mm, ends, line.height + 3.5 * mm))
