"""The marrow in its collection bag, 100 x 50 mm: the donation number is born here."""
from __future__ import annotations

from .. import housecode, wording
from ..content import HarvestLabel
from ..ink import TIGHT_LEADING, Flow, Ink, Region
from ..isbt128 import din
from ..qr import Level, data_matrix, matrix
from ..wording import WORDS, Caution, Language

CAPTIONS = ((6.4, "din"), (11.8, "recipient"), (16.4, "collected"), (19.9, "expiry"),
            (23.9, "volume"))


def symbols(label: HarvestLabel) -> set[str]:
    return {label.code, din.to_symbol(label.din)}


def fixed(ink: Ink, language: Language) -> None:
    for y, name in CAPTIONS:
        ink.text("caption", 17, 32, y, WORDS[language][f"short_{name}"], 7)


def wide(ink: Ink, label: HarvestLabel, language: Language) -> None:
    words = WORDS[language]
    house = matrix(label.code, Level.H)
    ink.qr(house, 2, 2)
    corner = ink.qr(house, 98, 48, right=True, bottom=True)
    ink.data_matrix(data_matrix(din.to_symbol(label.din)), 2.8, 18)
    if Caution.BIOHAZARD in label.cautions:
        ink.biohazard(3, 33, 11)
    _rows(ink, label)
    top = 47.6 - corner
    flow = Flow(ink, [Region(17, 24.7, 81, top), Region(17, top, 80.6 - corner, 48.4)],
                TIGHT_LEADING)
    numbered = f", {words['copy']} {label.copy}" if label.copy else ""
    flow.add("code", housecode.format(label.code) + numbered, bold=True)
    cautions = (wording.caution(language, which, label.reactive_for) for which in label.cautions)
    flow.add("material or cautions",
             ". ".join((label.material, words["only_recipient"], *cautions)) + ".", bold=True)
    flow.add("storage, trial or facility",
             f"{words['storage']}{words['colon']}{label.storage}. {words['trial']} {label.trial}. "
             f"{words['investigational']}. {label.facility}. {label.facility_address}".strip())


def _rows(ink: Ink, label: HarvestLabel) -> None:
    end = ink.text("din", 33, 90, 6.4, din.format(label.din), 16, 14, bold=True)
    ink.boxed(end + 2, 6.4, din.parse(label.din).check, 12)
    ink.text("recipient_number", 33, 98, 11.8, label.recipient_number, 16, 14, bold=True)
    ink.text("collected_at", 33, 98, 16.4, wording.moment(label.collected_at), 10, bold=True)
    end = ink.text("expiry", 33, 84, 19.9, wording.moment(label.expiry), 10, bold=True)
    in_utc = wording.moment_in_utc(label.expiry)
    if in_utc:
        ink.text("expiry", end + 1, 98, 19.9, in_utc, 8, 7, right=True)
    end = ink.text("volume", 33, 56, 23.9, wording.millilitres(label.volume), 11, 10, bold=True)
    ink.text("anticoagulant", end + 2, 98, 23.9, label.anticoagulant, 10, 9, 8, 7, right=True)
