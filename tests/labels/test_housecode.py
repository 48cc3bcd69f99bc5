import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import housecode
from labels.housecode import ALPHABET, CodeError, Kind

CODES = [housecode.with_check(kind, "".join(random.Random(i).choices(ALPHABET, k=16)))
         for i, kind in enumerate((Kind.BAG, Kind.WRISTBAND, Kind.HOLD, Kind.ADVERSE_EVENT))]
LABELS = [housecode.copy_text(code, copy) for code, copy in zip(CODES, (1, 2, 17, 255))]
bodies = st.text(ALPHABET, min_size=16, max_size=16)


@pytest.mark.parametrize("text", CODES + LABELS)
def test_every_single_wrong_letter_is_caught(text):
    wrong = [text[:at] + letter + text[at + 1:] for at in range(len(text))
             for letter in ALPHABET if letter != text[at]]
    assert len(wrong) == 15 * len(text)
    assert [one for one in wrong if housecode.is_valid(one)] == []


@pytest.mark.parametrize("text", CODES + LABELS)
def test_every_swap_of_neighbours_is_caught(text):
    swapped = [text[:i] + text[i + 1] + text[i] + text[i + 2:] for i in range(len(text) - 1)
               if text[i] != text[i + 1]]
    assert len(swapped) > 10
    assert [one for one in swapped if housecode.is_valid(one)] == []


@pytest.mark.parametrize("at", range(19))
@pytest.mark.parametrize("difference", range(1, 16))
def test_no_swap_with_the_check_letters_slips_through_for_any_pair(at, difference):
    """A CRC is linear: the check depends on the difference only, so all pairs are covered."""
    start = "BX" + "C" * 16
    code = start + housecode._check_letters(start, 0x07)
    values = [ALPHABET.index(letter) for letter in code]
    values[at] ^= difference
    values[at + 1] ^= difference
    changed = "".join(ALPHABET[value] for value in values)
    assert housecode._check_letters(changed[:18], 0x07) != changed[18:]


@given(kind=st.sampled_from(Kind), body=bodies, copy=st.integers(1, 255))
def test_what_is_formatted_is_parsed_back(kind, body, copy):
    code = housecode.with_check(kind, body)
    assert housecode.parse(housecode.format(code).lower()) == housecode.Code(kind, body, code)
    label = housecode.parse(housecode.copy_text(code, copy))
    assert (label.code, label.copy, label.type) == (code, copy, kind)
    assert label.text.startswith(code)


def test_types_are_of_the_alphabet_and_one_of_a_kind():
    assert all(len(kind) == 2 and set(kind) <= set(ALPHABET) for kind in Kind)
    assert all(kind.title for kind in Kind)
    assert len(Kind.__members__) == len(list(Kind)) >= 21


def test_the_check_letters_are_those_of_the_published_crcs():
    """CRC-8/SMBUS and CRC-8/AUTOSAR's polynomial over "123456789", from zero."""
    nibbles = "".join(ALPHABET[int(n, 16)] for n in b"123456789".hex())
    assert housecode._check_letters(nibbles, 0x07) == housecode._two_letters(0xF4)
    assert housecode._check_letters(nibbles, 0x2F) == housecode._two_letters(0x3E)


@pytest.mark.parametrize("text, position", [
    ("", None), ("BX", None), (CODES[0] + "B", None), ("B" * 400, None),
    ("A" + CODES[0][1:], 1), (CODES[0][:7] + "0" + CODES[0][8:], 8),
    (CODES[0][:19] + "\N{CYRILLIC CAPITAL LETTER VE}", 20),
    (CODES[0][:18].replace("X", "\N{LATIN SMALL LIGATURE FF}", 1) + CODES[0][18:], 2),
])
def test_what_is_no_code_is_refused_where_it_goes_wrong(text, position):
    with pytest.raises(CodeError) as refused:
        housecode.validate(text)
    assert refused.value.position == position


def test_an_unknown_type_is_refused_though_its_check_letters_fit():
    start = "BB" + "C" * 16
    with pytest.raises(CodeError, match="BB is no type"):
        housecode.validate(start + housecode._check_letters(start, 0x07))


def test_copy_nought_is_refused_though_its_check_letters_fit():
    start = CODES[0] + "BB"
    with pytest.raises(CodeError, match="copies count from 1"):
        housecode.validate(start + housecode._check_letters(start, 0x2F))


@pytest.mark.parametrize("copy", [0, 256, -1])
def test_a_copy_number_out_of_range_is_refused(copy):
    with pytest.raises(CodeError, match="copies count"):
        housecode.copy_text(CODES[0], copy)


def test_a_copy_of_a_copy_is_refused():
    with pytest.raises(CodeError, match="already the text of a label"):
        housecode.copy_text(LABELS[0], 2)


@pytest.mark.parametrize("body", ["", "B" * 15, "A" * 16])
def test_a_code_is_not_made_of_other_letters(body):
    with pytest.raises(CodeError):
        housecode.with_check(Kind.BAG, body)


def test_new_codes_differ_and_hold():
    codes = {housecode.new(Kind.SAMPLE) for _ in range(200)}
    assert len(codes) == 200 and all(housecode.is_valid(code) for code in codes)


@pytest.mark.parametrize("garbled", [
    "]Q1" + CODES[0], CODES[0] + "\r\n", ")".join((CODES[0][:4], CODES[0][4:])),
    CODES[1][:4] + "\N{LATIN SMALL LETTER SHARP S}" + CODES[1][4:]])
def test_signs_of_another_keyboard_are_taken_off_as_a_proposal(garbled):
    code, happened = housecode.repair(garbled)
    assert code in CODES and "scanner" in happened


def test_a_figure_typed_for_a_letter_is_proposed():
    code, happened = housecode.repair(CODES[0].replace("B", "8"))
    assert code == CODES[0] and "8 was typed" in happened


@pytest.mark.parametrize("text", [CODES[0], CODES[0].lower(), "nonsense",
                                  CODES[0][:19] + ("C" if CODES[0][19] == "B" else "B")])
def test_nothing_is_proposed_for_good_or_hopeless_texts(text):
    assert housecode.repair(text) is None
