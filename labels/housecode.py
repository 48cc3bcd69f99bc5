"""House codes: the name of everything that can be scanned.

A house code has twenty letters: two for the type, sixteen drawn at random (64 bits), two check
letters. A label's text is the house code of its thing, two letters for the copy number (copies
count from 1) and two more check letters: twenty-four letters, so a label begins with the code of
its bag and one still sees which copy was scanned.

The alphabet `BCDEFGHJKLNPRTVX` lies on the same keys of US, French and German keyboards and holds
no letter that looks like a figure. The value of a letter is its place, 0 to 15: four bits.

Check letters: a CRC-8 over all letters before them, written as two letters. Read as bits, the code
is then a multiple of the polynomial (up to a constant). A wrong letter is a burst of at most four
bits, two neighbours swapped a burst of at most eight, also when a check letter is one of them; a
polynomial of degree eight with constant term 1 divides no burst of eight bits or fewer, so each
such slip is caught, always. The house code uses x^8+x^2+x+1 (0x07); its order is 127, above the 80
bits of a code, so any two or three wrong bits are caught as well. The copy's check letters use
x^8+x^5+x^3+x^2+x+1 (0x2F), another polynomial, so that what slips past the first meets a second.
"""
from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "BCDEFGHJKLNPRTVX"
LENGTH = 20
COPY_LENGTH = 24
HIGHEST_COPY = 255
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_CODE_POLYNOMIAL = 0x07
_COPY_POLYNOMIAL = 0x2F


class CodeError(ValueError):
    """The text is not a house code. `position` counts from 1 in the compact text, or is None."""

    def __init__(self, sentence: str, position: int | None = None):
        super().__init__(sentence)
        self.position = position


class Kind(StrEnum):
    """What a house code names. The value is its type, the first two letters."""

    title: str

    def __new__(cls, letters: str, title: str) -> Kind:
        member = str.__new__(cls, letters)
        member._value_ = letters
        member.title = title
        return member

    BAG = "BX", "bag"
    WRISTBAND = "PX", "wristband"
    RECIPIENT = "RX", "recipient"
    DONOR = "DX", "donor"
    HARVEST = "HX", "harvest"
    CULTURE = "CX", "culture"
    CRYO_UNIT = "CR", "cryo unit"
    LOT = "LX", "lot"
    BADGE = "NX", "staff badge"
    ALERT = "NC", "alert"
    SAMPLE = "TX", "sample"
    REAGENT_LOT = "GX", "reagent lot"
    STORAGE_PLACE = "FX", "storage place"
    JOURNEY = "JX", "journey"
    EXCURSION = "JC", "excursion"
    DEVIATION = "EX", "deviation"
    ACTION = "EL", "action on a deviation"
    ORDER = "VX", "order"
    INFUSION = "KX", "infusion"
    VITAL_SIGNS = "KV", "vital signs"
    REACTION = "KR", "reaction"
    HOLD = "HR", "hold"
    BEDSIDE_CHECK = "BC", "bedside check"
    LABEL_JOB = "LC", "label job"
    LABEL_COPY = "LP", "copy of a label"
    PRINTER = "LR", "printer"
    RECONCILIATION = "LN", "reconciliation of labels"
    ADVERSE_EVENT = "ED", "adverse event"
    VISIT = "VT", "visit"
    STUDY_EXPORT = "FV", "export of the study"
    TRIAL_PAUSE = "EP", "pause of a trial"
    RESULT = "RT", "result"
    LABORATORY = "TL", "laboratory"
    METHOD = "TP", "test method"
    ATTACHMENT = "TF", "attached file"
    INVESTIGATION = "TV", "investigation"
    TRAIL_REVIEW = "TR", "review of the trail"
    FILE_IMPORT = "FN", "imported file"
    FILE_SHAPE = "FP", "shape of an instrument's file"
    DOCUMENT = "XD", "document or decision"
    COMMAND = "CN", "command on a quick card"


_KINDS = {str(kind): kind for kind in Kind}


@dataclass(frozen=True)
class Code:
    """A house code taken apart. `text` is what was read, in its canonical form; `code` the
    twenty letters that name the thing; `copy` the number of the label's copy, if it was a label."""

    type: Kind
    body: str
    text: str
    copy: int | None = None

    @property
    def code(self) -> str:
        return self.text[:LENGTH]


def _crc_table(polynomial: int) -> tuple[tuple[int, ...], ...]:
    """For each remainder, the remainder after one more letter of each value."""
    def step(remainder: int, value: int) -> int:
        remainder ^= value << 4
        for _ in range(4):
            remainder = (remainder << 1) ^ (polynomial if remainder & 0x80 else 0)
            remainder &= 0xFF
        return remainder
    return tuple(tuple(step(r, v) for v in range(16)) for r in range(256))


_TABLES = {p: _crc_table(p) for p in (_CODE_POLYNOMIAL, _COPY_POLYNOMIAL)}


def _two_letters(number: int) -> str:
    return ALPHABET[number >> 4] + ALPHABET[number & 15]


def _check_letters(letters: str, polynomial: int) -> str:
    table, remainder = _TABLES[polynomial], 0
    for letter in letters:
        remainder = table[remainder][_VALUE[letter]]
    return _two_letters(remainder)


def compact(text: str) -> str:
    """The text without spaces and hyphens, in capitals. Only a-z are raised: other scripts have
    letters whose capital would pass for one of ours."""
    return text.translate(_COMPACT)


_COMPACT = {ord(" "): None, ord("-"): None, **{c: c - 32 for c in range(ord("a"), ord("z") + 1)}}


def validate(text: str) -> str:
    """The canonical house code (20 letters) or label text (24 letters). Raises CodeError."""
    code = compact(text)
    if len(code) not in (LENGTH, COPY_LENGTH):
        raise CodeError(f"a house code has {LENGTH} letters and a label {COPY_LENGTH}, this has "
                        f"{len(code)}: scan again, or type the letters printed under the symbol")
    for position, letter in enumerate(code, 1):
        if letter not in _VALUE:
            raise CodeError(f"{letter!r} at place {position} is no letter of a house code "
                            f"(only {ALPHABET} are): scan again", position)
    if code[18:20] != _check_letters(code[:18], _CODE_POLYNOMIAL):
        raise CodeError("the check letters do not fit, at least one letter is wrong or two are "
                        "swapped: scan again, or type the letters anew")
    if code[:2] not in _KINDS:
        raise CodeError(f"{code[:2]} is no type of thing in this house: the code comes from "
                        "elsewhere or from a newer version", 1)
    if len(code) == COPY_LENGTH:
        if code[22:] != _check_letters(code[:22], _COPY_POLYNOMIAL):
            raise CodeError("the check letters of the label's copy do not fit: scan again")
        if code[20:22] == "BB":
            raise CodeError("copies count from 1, this label says copy 0: do not use it", 21)
    return code


def is_valid(text: str) -> bool:
    """Is this a house code or a label's text?"""
    try:
        validate(text)
    except CodeError:
        return False
    return True


def parse(text: str) -> Code:
    """The code taken apart. Raises CodeError."""
    code = validate(text)
    copy = None
    if len(code) == COPY_LENGTH:
        copy = _VALUE[code[20]] * 16 + _VALUE[code[21]]
    return Code(type=_KINDS[code[:2]], body=code[2:18], text=code, copy=copy)


def format(text: str) -> str:
    """The code as people read it: groups of four letters. Raises CodeError."""
    code = validate(text)
    return " ".join(code[i:i + 4] for i in range(0, len(code), 4))


def with_check(type: str, body: str) -> str:
    """The house code of a type and sixteen letters. Raises CodeError."""
    start = type + body
    if len(start) != 18 or not set(start) <= set(ALPHABET):
        raise CodeError(f"a type of two letters and a body of sixteen, all from {ALPHABET}, "
                        f"make a code; this was {type!r} and {body!r}")
    return validate(start + _check_letters(start, _CODE_POLYNOMIAL))


def new(type: Kind) -> str:
    """A fresh house code; 64 random bits from the operating system."""
    return with_check(type, "".join(secrets.choice(ALPHABET) for _ in range(16)))


def copy_text(code: str, copy: int) -> str:
    """The text of copy number `copy` (1 to 255) of the label of `code`. Raises CodeError."""
    code = validate(code)
    if len(code) != LENGTH:
        raise CodeError("this is already the text of a label: give the code of its bag")
    if not 1 <= copy <= HIGHEST_COPY:
        raise CodeError(f"copies count from 1 to {HIGHEST_COPY}, this was {copy}: a thing that "
                        "needs more labels needs a new code")
    start = code + _two_letters(copy)
    return start + _check_letters(start, _COPY_POLYNOMIAL)


# What a hyphen or a prefix becomes on its way through a scanner set to another keyboard, and
# the two figures that people type for letters of the alphabet.
_STRAY = str.maketrans("", "", "\t\r\n)_\N{DEGREE SIGN}\N{LATIN SMALL LETTER SHARP S}?/.*")
_TYPED = str.maketrans({"8": "B", "U": "V"})


def repair(text: str) -> tuple[str, str] | None:
    """A proposal for a text that is no code as it stands: the code and what must have happened.

    The letters lie on the same keys everywhere, so it is the signs around them that suffer. Only
    proposed when the check letters hold; the person decides. None: nothing to propose.
    """
    if is_valid(text):
        return None
    kept = compact(text.translate(_STRAY))
    if kept[:2] == "]Q" or kept[:2] == "]D":
        kept = kept[3:]
    for candidate, happened in (
            (kept, "the scanner added signs of another keyboard or of its own"),
            (kept.translate(_TYPED), "8 was typed for B, or U for V")):
        if is_valid(candidate):
            return validate(candidate), happened
    return None
