"""The bag: all of it on 100 x 100 mm, what must stay on a small bag on 100 x 50 mm.

The donation number and the recipient are largest (14 points bold at least), product, expiry and
volume at least 10, nothing under 7. The house code stands in two opposite corners, so that one
blot does not take both. What the 100 x 50 label leaves out (contents, address, the ISBT 128
symbol) goes on the attached label or the accompanying sheet.
"""
from __future__ import annotations

from collections.abc import Mapping

from .. import housecode, wording
from ..content import BagLabel
from ..ink import TIGHT_LEADING, Flow, Ink, Region
from ..isbt128 import din, message
from ..isbt128 import product as product_code
from ..qr import Level, data_matrix, matrix
from ..wording import ALWAYS, WORDS, Caution, Language

LARGE_CAPTIONS = ((34.6, "product"), (40.2, "expiry"), (45.6, "volume"), (50.6, "lot"))
WIDE_CAPTIONS = ((6.4, "din"), (11.8, "recipient"), (15.9, "expiry"))


def compound(label: BagLabel) -> str:
    """The ISBT 128 message of the Data Matrix: donation number and product code."""
    return message.make(din=label.din, product=label.product)


def large_symbols(label: BagLabel) -> set[str]:
    return {label.code, label.signed, compound(label)}


def wide_symbols(label: BagLabel) -> set[str]:
    return {label.code, label.signed}


def large_fixed(ink: Ink, language: Language) -> None:
    words = WORDS[language]
    ink.rule(2, 29.6, 96)
    ink.rule(2, 52.2, 96)
    ink.text("caption", 22.5, 86, 4.8, words["din"], 7)
    ink.text("caption", 22.5, 51, 14.6, words["recipient"], 7)
    ink.text("caption", 22.5, 86, 24.2, words["only_recipient"], 8.5, 8, bold=True)
    for y, name in LARGE_CAPTIONS:
        ink.text("caption", 2, 20, y, words[name], 7)


def large(ink: Ink, label: BagLabel, language: Language) -> None:
    words = WORDS[language]
    house = matrix(label.code, Level.H)
    ink.qr(house, 2, 2)
    ink.qr(house, 98, 98, right=True, bottom=True)
    ink.data_matrix(data_matrix(compound(label)), 98, 2, right=True)
    signed = ink.qr(matrix(label.signed, Level.Q), 2, 98, bottom=True)
    if Caution.BIOHAZARD in label.cautions:
        ink.biohazard(87.2, 15, 10.5)
    _number(ink, label, 22.5, 86, 10.8)
    ink.text("recipient", 47, 86, 14.6, housecode.format(label.recipient), 7)
    ink.text("recipient_number", 22.5, 86, 20.4, label.recipient_number, 18, 16, 14, bold=True)
    end = ink.text("code", 2, 80, 28.3, housecode.format(label.code), 10, 9, bold=True)
    ink.text("copy", end + 2, 98, 28.3, f"{words['copy']} {label.copy}", 9, 8, right=True)
    _product_block(ink, label, words)
    flow = Flow(ink, [Region(2, 53.0, 96, 98 - signed),
                      Region(2.5 + signed, 98 - signed, 95.5 - signed, 78.8),
                      Region(2.5 + signed, 78.8, 75.8 - signed, 98)])
    for which in label.cautions:
        legend = wording.caution(language, which, label.reactive_for)
        flow.add("cautions", legend, flow.largest(legend, 1, 8, 7.5, 7), bold=True)
    if label.cautions:
        always = ". ".join(ALWAYS[language]) + "."
        flow.add("always", always, flow.largest(always, 2, 8, 7.5, 7))
    else:
        for sentence in ALWAYS[language]:
            flow.add("always", sentence, 8)
    flow.space(0.6)
    flow.add("contains", f"{words['contains']}{words['colon']}{label.contains}")
    frozen = ""
    if label.frozen_on:
        frozen = f"{words['frozen']}{words['colon']}{wording.day(label.frozen_on)}. "
    flow.add("storage", f"{frozen}{words['storage']}{words['colon']}{label.storage}")
    flow.add("trial", f"{words['trial']}{words['colon']}{label.trial}")
    flow.space(0.6)
    flow.add("facility", label.facility, bold=True)
    if label.facility_address:
        flow.add("facility_address", label.facility_address)


def _number(ink: Ink, label: BagLabel, x: float, until: float, y: float) -> None:
    """The donation number, its check character boxed and apart."""
    end = ink.text("din", x, until - 8, y, din.format(label.din), 18, 16, 15, 14, bold=True)
    ink.boxed(end + 2, y, din.parse(label.din).check, 12)


def _product_block(ink: Ink, label: BagLabel, words: Mapping[str, str]) -> None:
    """Product, expiry, volume and lot, each 10 points or more."""
    end = ink.text("class_name", 20, 44, 34.6, label.class_name, 14, 12, 10, bold=True)
    product = product_code.parse(label.product)
    end = ink.text("product", end + 3, 70, 34.6, product.text, 11, 10, bold=True)
    ink.text("product", end + 2, 98, 34.6, f"{words['division']} {product.division}", 9, 8, 7,
             right=True)
    end = ink.text("expiry", 20, 78, 40.2, wording.moment(label.expiry), 13, 12, 11, 10, bold=True)
    in_utc = wording.moment_in_utc(label.expiry)
    if in_utc:
        ink.text("expiry", end + 2, 98, 40.2, in_utc, 9, 8, 7, right=True)
    end = ink.text("volume", 20, 46, 45.6, wording.millilitres(label.volume), 12, 10, bold=True)
    ink.text("cells", end + 2, 98, 45.6, label.cells, 11, 10, 9, 8, bold=True, right=True)
    end = ink.text("lot", 20, 68, 50.6, label.lot, 11, 10, 9, 8, bold=True)
    ink.text("bag_number", end + 2, 98, 50.6,
             f"{words['bag']} {label.bag_number} {words['of']} {label.bag_count}", 12, 11, 10, 9,
             8, bold=True, right=True)


def wide_fixed(ink: Ink, language: Language) -> None:
    for y, name in WIDE_CAPTIONS:
        ink.text("caption", 17, 32, y, WORDS[language][f"short_{name}"], 7)


def wide(ink: Ink, label: BagLabel, language: Language) -> None:
    words = WORDS[language]
    house = matrix(label.code, Level.H)
    ink.qr(house, 2, 2)
    corner = ink.qr(house, 98, 48, right=True, bottom=True)
    signed = ink.qr(matrix(label.signed, Level.Q), 2, 48, bottom=True)
    if Caution.BIOHAZARD in label.cautions:
        ink.biohazard(92, 1.6, 6)
    _wide_rows(ink, label, words)
    left, top, upper = 2.6 + signed, 47.4 - corner, 48 - signed
    flow = Flow(ink, [Region(17, 20.6, 81, upper), Region(left, upper, 98 - left, top),
                      Region(left, top, 97.4 - corner - left, 48.4)], TIGHT_LEADING)
    flow.add("code", f"{housecode.format(label.code)}, {words['copy']} {label.copy}", bold=True)
    if label.cautions:
        flow.add("cautions", ". ".join(wording.caution(language, which, label.reactive_for)
                                       for which in label.cautions) + ".", bold=True)
    flow.add("always", ". ".join((words["only_recipient"], *ALWAYS[language])) + ".")
    flow.add("lot, storage, trial or facility",
             f"{words['lot']} {label.lot}. {words['storage']}{words['colon']}{label.storage}. "
             f"{words['trial']} {label.trial}. {label.facility}.")


def _wide_rows(ink: Ink, label: BagLabel, words: Mapping[str, str]) -> None:
    _number(ink, label, 33, 91, 6.4)
    end = ink.text("recipient_number", 33, 74, 11.8, label.recipient_number, 16, 14, bold=True)
    ink.text("product", end + 2, 98, 11.8, label.product, 10, bold=True, right=True)
    end = ink.text("expiry", 33, 84, 15.9, wording.moment(label.expiry), 11, 10, bold=True)
    ink.text("bag_number", end + 1, 98, 15.9,
             f"{words['bag']} {label.bag_number}/{label.bag_count}", 10, 9, 8, 7, bold=True,
             right=True)
    end = ink.text("class_name", 17, 40, 20.0, label.class_name, 10, bold=True)
    end = ink.text("volume", end + 3, 66, 20.0, wording.millilitres(label.volume), 11, 10,
                   bold=True)
    ink.text("cells", end + 2, 98, 20.0, label.cells, 10, 9, 8, 7, bold=True, right=True)
