"""Vessels, tubes and places on 50 x 25 mm; the wristband; the staff badge."""
from __future__ import annotations

from .. import housecode, wording
from ..content import BadgeLabel, CultureLabel, Label, SampleLabel, StoragePlaceLabel, Wristband
from ..ink import TIGHT_LEADING, Flow, Ink, Region
from ..qr import Level, matrix
from ..wording import WORDS, Language


def symbols(label: Label) -> set[str]:
    return {label.code}


def no_captions(ink: Ink, language: Language) -> None:
    """These labels have no fixed texts of their own."""


def _beside_the_symbol(ink: Ink, label: Label) -> Flow:
    """The house code on the left, texts from there to the right edge."""
    symbol = matrix(label.code, Level.H)
    side = ink.side(len(symbol))
    ink.qr(symbol, 1, (25 - side) / 2)
    return Flow(ink, [Region(side + 1.2, 1.2, 47.8 - side, 24.2)], TIGHT_LEADING)


def _code(flow: Flow, label: Label) -> None:
    flow.space(0.3)
    flow.add("code", housecode.format(label.code))


def culture(ink: Ink, label: CultureLabel, language: Language) -> None:
    words = WORDS[language]
    flow = _beside_the_symbol(ink, label)
    flow.add("number", f"{label.number} {label.passage}", 9, bold=True)
    flow.add("vessel", f"{words['vessel']} {label.vessel}", 7.5, bold=True)
    flow.add("recipient_number", label.recipient_number, 7.5, bold=True)
    flow.add("seeded_at", wording.moment(label.seeded_at))
    flow.add("medium", label.medium)
    _code(flow, label)


def sample(ink: Ink, label: SampleLabel, language: Language) -> None:
    flow = _beside_the_symbol(ink, label)
    flow.add("number", label.number, 9, bold=True)
    flow.add("test", label.test, 7.5, bold=True)
    flow.add("source", label.source)
    flow.add("taken_at", wording.moment(label.taken_at))
    _code(flow, label)


def storage_place(ink: Ink, label: StoragePlaceLabel, language: Language) -> None:
    words = WORDS[language]
    flow = _beside_the_symbol(ink, label)
    flow.add("place", label.place, flow.largest(label.place, 2, 14, 12, 10, 9), bold=True)
    flow.space(0.6)
    flow.add("temperature", f"{words['storage']}{words['colon']}{label.temperature}", 7.5)
    _code(flow, label)


def band(ink: Ink, label: Wristband, language: Language) -> None:
    """The symbol at both ends, so that one is seen on either side of the wrist."""
    words = WORDS[language]
    symbol = matrix(label.code, Level.H)
    side = ink.side(len(symbol))
    top = (25 - side) / 2
    ink.qr(symbol, 2, top)
    ink.qr(symbol, 148, top, right=True)
    left, until = side + 5, 145 - side
    ink.text("caption", left, until, 5.6, words["wristband"], 8)
    ink.text("recipient_number", left, until, 13.2, label.recipient_number, 22, 18, 16, 14,
             bold=True)
    ink.text("code", left, until, 18.2, housecode.format(label.code), 11, 10, bold=True)
    ink.text("trial", left, until, 22.4,
             f"{words['trial']} {label.trial}, {wording.day(label.issued_on)}", 9, 8, 7)


def card(ink: Ink, label: BadgeLabel, language: Language) -> None:
    words = WORDS[language]
    symbol = matrix(label.code, Level.H)
    side = ink.qr(symbol, 3, 3)
    ink.text("caption", side + 6, 83, 8, words["badge"], 9)
    ink.text("number", side + 6, 83, 16.5, label.number, 24, 20, 18, 16, 14, bold=True)
    ink.rule(5, 29, 76)
    flow = Flow(ink, [Region(5, 31, 76, 44)])
    flow.add("role", label.role, 15, bold=True)
    ink.text("code", 5, 83, 49, housecode.format(label.code), 11, 10, bold=True)
