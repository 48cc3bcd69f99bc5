"""The paper for the hour when the bank cannot be reached: one page a bag, printed beforehand.

It asks what the screen would have asked, and adds the call that tells what the paper cannot know:
a hold or a recall since it was printed. It carries no code that the bedside check takes for a
wristband or a bag: a copy of a code on paper is how wrong cells reach a patient. The codes are
printed in letters, to be compared by eye; the symbols are the order's and the recipient's.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels import housecode
from labels.wording import WORDS, Language
from mscbank.bags.models import Bag
from mscbank.infusions.facts import judge
from mscbank.infusions.models import OrderedBag
from mscbank.infusions.orders import protocol_of
from mscbank.labelling import contents
from mscbank.labelling.service import current_copy
from mscbank.reports import tongue
from mscbank.reports.drawing import drawn_qr
from mscbank.reports.paper import BOLD, INK, LINE, REGULAR, SHADE, SOFT, drawn, moment_here, number
from mscbank.settings import settings

LEFT, RIGHT, TOP = 14 * mm, A4[0] - 14 * mm, A4[1] - 12 * mm
OURS = {
    Language.EN: {
        "printed": "Printed {at}. A hold or a recall since then is not on this paper: CALL FIRST, "
                   "{telephone}.",
        "nothing": "When printed, nothing spoke against it but the check by two.",
        "against": "WHEN PRINTED, THIS SPOKE AGAINST IT:", "band": "Wristband", "label": "Label",
        "expires": "Usable until", "give": "Give", "product": "Product", "says":
        "The patient says name and birth date (ask, do not say them; write them down)",
        "letters": "The letters on wristband and bag are those printed above, all of them",
        "called": "Called at ____:____  who answered: ", "vital": "Vital signs",
        "head": ("Due after start", "Time", "°C", "Pulse", "mmHg", "SpO2 %", "Initials"),
        "after": ("Afterwards, by two people: scan the bag, \"enter paper infusion\":",
                  "what happened, its times and why on paper; attach this sheet."), "none": "none worn"},
    Language.FR: {
        "printed": "Imprimé {at}. Un blocage ou un rappel depuis n'y figure pas : APPELER D'ABORD, "
                   "{telephone}.",
        "nothing": "À l'impression, rien ne s'y opposait hormis le double contrôle.",
        "against": "À L'IMPRESSION, CECI S'Y OPPOSAIT :", "band": "Bracelet", "label": "Étiquette",
        "expires": "Utilisable jusqu'à", "give": "Administrer", "product": "Produit", "says":
        "Le patient dit son nom et sa date de naissance (demander, ne pas les dire ; les noter)",
        "letters": "Les lettres du bracelet et de la poche sont toutes celles ci-dessus",
        "called": "Appelé à ____:____  a répondu : ", "vital": "Constantes",
        "head": ("Après le début", "Heure", "°C", "Pouls", "mmHg", "SpO2 %", "Initiales"),
        "after": ("Ensuite, à deux : scanner la poche, « saisir la perfusion sur papier » :",
                  "les faits, leurs heures et la raison du papier ; joindre cette feuille."),
        "none": "aucun"},
}
_RAISED = re.compile(r"(?<=10)\^(\d+)")
CHECKS = ("says", "letters", "check_order", "check_release", "check_expiry", "check_bag",
          "check_line", "check_ready")


@dataclass(frozen=True)
class Page:
    """All that one bag's page says."""

    part: OrderedBag
    at: datetime
    words: dict[str, str]
    ours: dict[str, object]

    @property
    def colon(self) -> str:
        """As it is set in the language of the page."""
        return tongue.told(": ")


def paper(parts: Sequence[OrderedBag], at: datetime) -> bytes:
    """A page for each ordered bag, in the language of who prints it."""
    language = Language(tongue.language())
    words = WORDS[language]
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(words["bedside_form"])
    for part in parts:
        _page(canvas, Page(part, at, words, OURS[language]))
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _page(canvas: Canvas, page: Page) -> None:
    y = _head(canvas, page)
    y = _checks(canvas, page, _identity(canvas, page, y))
    y = _signatures(canvas, page, y)
    _vital_signs(canvas, page, y)
    _foot(canvas, page)


def _say(canvas: Canvas, x: float, y: float, text: object, size: float = 9, *, bold: bool = False,
         end: float = RIGHT) -> None:
    """One line, as large as it fits and no larger than asked."""
    font, told = BOLD if bold else REGULAR, drawn(str(text))
    if tongue.language() == "fr":
        told = told.replace("'", "’")
    while size > 7 and canvas.stringWidth(told, font, size) > end - x:
        size -= 0.25
    canvas.setFillColor(INK)
    for at, part in enumerate(_RAISED.split(told)):  # the font has no small raised digits
        canvas.setFont(font, size * 0.65 if at % 2 else size)
        canvas.drawString(x, y + size * 0.35 if at % 2 else y, part)
        x += canvas.stringWidth(part, font, size * 0.65 if at % 2 else size)


def _head(canvas: Canvas, page: Page) -> float:
    _say(canvas, LEFT, TOP - 12, page.words["bedside_form"], 18, bold=True)
    ends = LEFT + canvas.stringWidth(drawn(page.words["bedside_form"]), BOLD, 18)
    _say(canvas, ends + 14, TOP - 12, settings().site_name, 9)
    said = str(page.ours["printed"]).format(at=moment_here(page.at),
                                            telephone=settings().site_telephone)
    _say(canvas, LEFT, TOP - 28, said, 9.5, bold=True)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.2)
    canvas.line(LEFT, TOP - 34, RIGHT, TOP - 34)
    return TOP - 40


def _identity(canvas: Canvas, page: Page, y: float) -> float:
    """Whom, which bag, how much, until when; the letters to compare; what spoke against it."""
    part, bag = page.part, page.part.bag
    order, middle = part.order, LEFT + 255
    _say(canvas, LEFT, y - 24, order.recipient.number, 26, bold=True, end=middle)
    of = f"{order.parts.index(part) + 1} / {len(order.parts)}"
    _say(canvas, middle, y - 14, f"{page.words['lot']} {bag.lot.number}, {page.words['bag']} "
         f"{bag.number} ({of})", 13, bold=True)
    _say(canvas, middle, y - 28, f"DIN {bag.lot.harvest.din}", 10, bold=True)
    _say(canvas, LEFT, y - 44, f"{page.ours['give']}{page.colon}{number(part.volume_ml, 'mL')}, "
         f"{contents.cells_text(part.cells, Language(tongue.language()))}", 10, bold=True,
         end=middle - 8)
    _say(canvas, middle, y - 44, f"{page.ours['expires']}{page.colon}{moment_here(bag.usable_until)}", 10,
         bold=True)
    _say(canvas, LEFT, y - 58, f"{page.ours['product']}{page.colon}{contents.product_of(bag)} "
         f"{contents.CLASS_NAME}", 9, end=middle - 8)
    band = next((one for one in order.recipient.wristbands if one.ended_at is None), None)
    copy = current_copy(bag)
    letters = housecode.format(band.code) if band else str(page.ours["none"])
    _say(canvas, LEFT, y - 74, f"{page.ours['band']}{page.colon}{letters}", 11, bold=True, end=middle - 8)
    text = housecode.copy_text(bag.code, copy.number) if copy else bag.code
    _say(canvas, middle, y - 74, f"{page.ours['label']}{page.colon}{housecode.format(text)}", 11, bold=True)
    return _standing(canvas, page, bag, text, band.code if band else None, y - 82)


def _standing(canvas: Canvas, page: Page, bag: Bag, label: str, band: str | None,
              y: float) -> float:
    """The verdict when it was printed: a paper must not look fresher than it is."""
    judged = judge(label, band, page.at) if band else None
    against = [tongue.told(finding.sentence) for finding in judged.findings] if judged else [
        f"{page.ours['band']}{page.colon}{page.ours['none']}"]
    lines = [str(page.ours["against"]), *against] if against else [str(page.ours["nothing"])]
    high = 11 * len(lines) + 6
    canvas.setFillColor(SHADE)
    canvas.rect(LEFT, y - high, RIGHT - LEFT, high, stroke=0, fill=1)
    if against:
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(2)
        canvas.rect(LEFT, y - high, RIGHT - LEFT, high, stroke=1, fill=0)
    for row, line in enumerate(lines):
        _say(canvas, LEFT + 6, y - 11 * (row + 1), line, 8.5, bold=row == 0, end=RIGHT - 6)
    return y - high - 6


def _checks(canvas: Canvas, page: Page, y: float) -> float:
    """Eight questions, a box for each person; the first two leave room to write."""
    for place, person in ((RIGHT - 40, "1"), (RIGHT - 16, "2")):
        _say(canvas, place + 4, y - 8, person, 9, bold=True)
    y -= 12
    for name in CHECKS:
        _say(canvas, LEFT, y - 12, page.ours.get(name) or page.words[name], 9.5, end=RIGHT - 50)
        for place in (RIGHT - 40, RIGHT - 16):
            _box(canvas, place, y - 16, 15, 15)
        y -= 20
        if name == "says":
            _rule(canvas, LEFT, RIGHT - 50, y - 8)
            y -= 14
        if name == "check_release":
            _say(canvas, LEFT + 10, y - 8, page.ours["called"], 9, end=RIGHT - 50)
            _rule(canvas, LEFT + 190, RIGHT - 50, y - 9)
            y -= 14
    return y - 4


def _signatures(canvas: Canvas, page: Page, y: float) -> float:
    """Two people, then when it ran and how much."""
    words, half = page.words, (RIGHT - LEFT - 10) / 2
    for place, person in ((LEFT, "first"), (LEFT + half + 10, "second")):
        _box(canvas, place, y - 40, half, 40)
        _say(canvas, place + 4, y - 9, f"{words[person]}{page.colon}{words['name']}", 7.5)
        _say(canvas, place + 4, y - 29, f"{words['signature']}, {words['time']}", 7.5)
    third = (RIGHT - LEFT - 20) / 3
    for row, name in enumerate(("started", "ended", "given")):
        _box(canvas, LEFT + row * (third + 10), y - 70, third, 24)
        _say(canvas, LEFT + row * (third + 10) + 4, y - 54, words[name], 7.5)
    return y - 78


def _vital_signs(canvas: Canvas, page: Page, y: float) -> None:
    """A row for each time the protocol asks for, and room for a reaction."""
    _say(canvas, LEFT, y - 8, page.ours["vital"], 9, bold=True)
    head = page.ours["head"]
    minutes = protocol_of(page.part.order.recipient).infusion.observation_minutes
    wide, y = (RIGHT - LEFT) / 7, y - 12
    assert isinstance(head, tuple)
    for row, line in enumerate((head, *((f"{each} min", *[""] * 6) for each in minutes))):
        for column, text in enumerate(line):
            _box(canvas, LEFT + column * wide, y - 15, wide, 15)
            _say(canvas, LEFT + column * wide + 3, y - 11, text, 8, bold=row == 0,
                 end=LEFT + (column + 1) * wide - 2)
        y -= 15
    _say(canvas, LEFT, y - 11, page.words["remarks"], 8)
    _box(canvas, LEFT, 34 * mm, RIGHT - LEFT, y - 15 - 34 * mm)


def _foot(canvas: Canvas, page: Page) -> None:
    """The order and the recipient, to be scanned when the facts are entered."""
    order, y = page.part.order, 31 * mm
    for place, text in ((LEFT, order.code), (RIGHT - 66, order.recipient.code)):
        wide, _, draw = drawn_qr(text)
        canvas.saveState()
        canvas.translate(place, y)
        canvas.scale(66 / wide, 66 / wide)
        draw(canvas)
        canvas.restoreState()
    _say(canvas, LEFT + 72, y - 20, f"{tongue.told(order.title)}{page.colon}"
         f"{housecode.format(order.code)}", 8, end=RIGHT - 72)
    _say(canvas, LEFT + 72, y - 34, f"{order.recipient.number}{page.colon}"
         f"{housecode.format(order.recipient.code)}", 8, end=RIGHT - 72)
    after = page.ours["after"]
    assert isinstance(after, tuple)
    for row, line in enumerate(after):
        _say(canvas, LEFT + 72, y - 48 - 11 * row, line, 8, bold=True, end=RIGHT - 72)


def _box(canvas: Canvas, x: float, y: float, wide: float, high: float) -> None:
    canvas.setStrokeColor(SOFT)
    canvas.setLineWidth(0.7)
    canvas.rect(x, y, wide, high, stroke=1, fill=0)


def _rule(canvas: Canvas, start: float, end: float, y: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(start, y, end, y)
