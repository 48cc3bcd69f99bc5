import random
import string
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import qrcode
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from labels import housecode, qr, signed
from labels.qr import Level

from . import examples

SIGNS = string.digits + string.ascii_uppercase + " $%*+-./:"


def payload(seed: int) -> tuple[str, Level]:
    """A text of one of six sorts and a level, the same for a seed every time."""
    dice = random.Random(seed)
    length = dice.randint(1, 170)
    pick = [housecode.ALPHABET, SIGNS, string.digits, string.printable[:94], "é" + SIGNS,
            SIGNS + "abc"][seed % 6]
    return "".join(dice.choices(pick, k=length)), list(Level)[dice.randrange(4)]


def by_the_package(text: str, level: Level) -> list[list[bool]]:
    maker = qrcode.QRCode(error_correction=level.value)
    maker.add_data(text)
    maker.make()
    return maker.modules


@pytest.mark.parametrize("block", range(6))
def test_the_matrix_is_the_one_qrcode_makes_best_mask_included(block):
    for seed in range(block * 50, block * 50 + 50):
        text, level = payload(seed)
        assert qr.matrix(text, level).tolist() == by_the_package(text, level), (text, level)


@pytest.mark.parametrize("length", [1, 20, 24, 150, 500, 1000])
def test_short_and_long_texts_take_the_same_version_as_qrcode(length):
    text = "BX*" * (length // 3 + 1)
    assert qr.matrix(text[:length], Level.Q).tolist() == by_the_package(text[:length], Level.Q)


def test_a_text_too_long_or_empty_has_no_symbol():
    with pytest.raises(qr.SymbolTooLong):
        qr.matrix("B" * 5000)
    with pytest.raises(qr.SymbolTooLong):
        qr.data_matrix("é" * 5000)
    with pytest.raises(ValueError):
        qr.matrix("")


def test_a_matrix_cannot_be_changed_behind_the_cache():
    with pytest.raises(ValueError):
        qr.matrix("BX")[0, 0] = False


def test_a_data_matrix_reads_back():
    text = "=+02000=A99991712345600=<D0001X00"
    symbol = np.kron(np.pad(~qr.data_matrix(text), 2, constant_values=True), np.ones((4, 4)))
    found = zxingcpp.read_barcodes((symbol * 255).astype(np.uint8))
    assert [(one.text, one.format) for one in found] == [(text, zxingcpp.DataMatrix)]


KEYS = {examples.KEY: examples.PUBLIC}
TEXT = signed.issue(examples.facts(), examples.SECRET.sign)


def test_a_signed_text_gives_its_facts_back_and_fits_a_symbol_of_49_modules():
    assert signed.verify(TEXT, KEYS) == examples.facts()
    assert len(TEXT) == 150 and qr.matrix(TEXT, Level.Q).shape == (49, 49)


@given(body=st.text(housecode.ALPHABET, min_size=16, max_size=16), copy=st.integers(1, 255),
       minutes=st.integers(0, 2**32 - 1), sequence=st.integers(0, 999_999))
def test_facts_come_back_whatever_they_are(body, copy, minutes, sequence):
    moment = datetime.fromtimestamp(minutes % (10**8) * 60, UTC)
    facts = examples.facts(bag=housecode.with_check("BX", body), copy=copy, expiry=moment,
                           din=f"Z999999{sequence:06d}")
    assert signed.verify(signed.issue(facts, examples.SECRET.sign), KEYS) == facts


@pytest.mark.parametrize("at", range(0, len(TEXT), 3))
def test_a_changed_sign_is_never_taken(at):
    for sign in SIGNS:
        if sign != TEXT[at]:
            with pytest.raises(signed.SignedTextError):
                signed.verify(TEXT[:at] + sign + TEXT[at + 1:], KEYS)


@pytest.mark.parametrize("text", ["", "MB1:", TEXT[:-1], TEXT + "0", TEXT[:-3], TEXT.lower(),
                                  "MB2" + TEXT[3:], "MB1:" + ":" * 146, TEXT + "0" * 400,
                                  "MB1:" + "é" * 146, examples.BAG])
def test_what_is_no_signed_text_is_refused(text):
    with pytest.raises(signed.SignedTextError):
        signed.verify(text, KEYS)


def test_a_key_not_on_the_list_is_told_apart_from_a_forgery():
    other = Ed25519PrivateKey.generate()
    with pytest.raises(signed.UnknownKey):
        signed.verify(TEXT, {})
    with pytest.raises(signed.Forged):
        signed.verify(signed.issue(examples.facts(), other.sign), KEYS)
    with pytest.raises(signed.Forged):
        signed.verify(TEXT, {examples.KEY: other.public_key()})


def test_something_else_that_was_signed_is_no_label():
    packed = bytes(29) + bytes.fromhex(examples.KEY)
    signature = examples.SECRET.sign(signed._DOMAIN + packed)
    with pytest.raises(signed.SignedTextError, match="signed, but not a label"):
        signed.verify("MB1:" + signed._to_base45(packed + signature), KEYS)
    with pytest.raises(signed.SignedTextError, match="64 bytes"):
        signed.issue(examples.facts(), lambda data: b"short")


@pytest.mark.parametrize("change", [
    {"bag": examples.RECIPIENT}, {"copy": 0}, {"din": "A9999"}, {"din": "A9999 26 000042"},
    {"recipient": housecode.copy_text(examples.BAG, 1)}, {"recipient": "RX"},
    {"expiry": datetime(2030, 1, 1)}, {"expiry": datetime(2030, 1, 1, 0, 0, 1, tzinfo=UTC)},
    {"key": "XYZ"}])
def test_facts_that_cannot_stand_on_a_label_are_refused_before_signing(change):
    with pytest.raises(ValueError):
        replace(examples.facts(), **change)


@given(st.binary(max_size=120))
def test_base45_comes_back_and_has_one_spelling(data):
    text = signed._to_base45(data)
    assert signed._from_base45(text) == data
    assert set(text) <= set(SIGNS)
