"""Reading what a printer, a freezer and a hurried hand do to a label."""
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from labels import draw, keyboards, readback, signed, stock
from labels.qr import Level, matrix

from . import examples

BAGS = [("bag-100x100", examples.bag()), ("bag-100x50", examples.bag()),
        ("tag-100x80", examples.bag()), ("small-50x25", examples.bag()),
        ("bag-100x50", examples.harvest()), ("small-50x25", examples.sample()),
        ("wristband", examples.wristband()), ("bag-100x100", examples.box())]
KEYS = {examples.KEY: examples.PUBLIC}


def as_png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def blurred(picture):
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def turned(degrees):
    def turn(picture):
        return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return turn


def faded(picture):
    return picture.point(lambda grey: 90 + grey * 130 // 255)


@pytest.mark.parametrize("harm", [blurred, turned(7), turned(-33), turned(90), turned(180), faded])
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name, label", BAGS)
def test_every_symbol_is_read_blurred_turned_or_faded(name, label, dpi, harm):
    on = stock.stock(name)
    page = Image.fromarray(next(readback.pictures(draw.draw([label], on, dpi=dpi), dpi)))
    page = page.resize((page.width * 2, page.height * 2))     # a camera sees more dots than a head
    assert readback.texts(as_png(harm(page))) == draw.symbols(label, on)


def test_nine_of_ten_signed_codes_are_read_with_a_tenth_of_their_area_covered():
    dice, read, tried = np.random.default_rng(20261122), 0, 120
    for number in range(tried):
        text = examples.bag(number % 12 + 1).signed
        symbol = np.kron(np.pad(~matrix(text, Level.Q), 4, constant_values=True),
                         np.ones((4, 4), bool))
        picture = np.where(symbol, 255, 0).astype(np.uint8)
        side = round((len(symbol) - 32) * 0.1 ** 0.5)
        # A blot on the data: one on a finder hides the symbol, which is why there are two codes.
        low, high = 16 + 32, len(symbol) - 16 - 32 - side
        row, column = dice.integers(low, high, 2)
        picture[row:row + side, column:column + side] = dice.integers(0, 2) * 255
        read += readback._read(picture) == {text}
    assert read >= tried * 0.9


def test_a_code_covered_by_half_is_not_read_as_something_else():
    text = examples.bag().signed
    symbol = np.kron(np.pad(~matrix(text, Level.Q), 4, constant_values=True), np.ones((4, 4), bool))
    picture = np.where(symbol, 255, 0).astype(np.uint8)
    picture[:, len(picture) // 2:] = 0
    assert readback._read(picture) == set()


@pytest.mark.parametrize("junk", [b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"x" * 100])
def test_junk_is_no_picture_and_no_pdf(junk):
    with pytest.raises(readback.UnreadablePicture):
        readback.texts(junk)
    with pytest.raises(readback.UnreadablePicture):
        list(readback.pages(junk))


@pytest.mark.parametrize("name", keyboards.KEYBOARDS)
@pytest.mark.parametrize("caps", [False, True])
def test_a_signed_text_typed_for_another_keyboard_is_proposed_and_said(name, caps):
    text = examples.bag().signed
    back = {after: before for before, after in keyboards.KEYBOARDS[name].items()}
    garbled = (text.swapcase() if caps else text).translate(back)
    assert garbled != text
    found, happened = signed.repair(garbled, KEYS)
    assert found == text and name in happened and ("caps lock" in happened) == caps


def test_caps_lock_alone_is_said_too():
    text = examples.bag().signed
    assert signed.repair(text.lower(), KEYS) == (text, "caps lock was on")


def test_a_text_whose_signature_does_not_hold_is_not_repaired():
    text = examples.bag().signed
    assert signed.repair(text, KEYS) is None
    assert signed.repair(text.lower(), {}) is None
    assert signed.repair(text[:-1].lower() + "x", KEYS) is None
    assert signed.repair("q" * 500, KEYS) is None


def test_two_keyboards_that_both_fit_prove_nothing():
    assert keyboards.repair("a", lambda text: text if text in ("q", "A") else None) is None
    assert keyboards.repair("a", lambda text: text if text == "q" else None) == (
        "q", "the scanner types for a US keyboard on a French keyboard (AZERTY)")
