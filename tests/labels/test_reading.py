"""Reading what a printer, a freezer and a hurried hand do to a label."""
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from labels import covered, draw, keyboards, readback, signed, stock
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


def symbol_of(text, level, dots=4):
    """The symbol as a printer shows it, with its quiet zone."""
    symbol = np.kron(np.pad(~matrix(text, level), 4, constant_values=True),
                     np.ones((dots, dots), bool))
    return np.where(symbol, 255, 0).astype(np.uint8)


def blotted(text, level, part, dice, dots=4):
    """A square or round blot, black or white, of a part of the symbol's area, anywhere on it."""
    picture, quiet = symbol_of(text, level, dots), 4 * dots
    wide = len(picture) - 2 * quiet
    rows, columns = np.ogrid[:len(picture), :len(picture)]
    if dice.random() < 0.5:
        side = wide * part ** 0.5
        top, left = quiet + dice.random(2) * (wide - side)
        blot = (abs(rows - top - side / 2) < side / 2) & (abs(columns - left - side / 2) < side / 2)
    else:
        radius = wide * (part / np.pi) ** 0.5
        row, column = quiet + radius + dice.random(2) * (wide - 2 * radius)
        blot = (rows - row) ** 2 + (columns - column) ** 2 < radius ** 2
    picture[blot] = dice.integers(0, 2) * 255
    return picture


def read_of(tried, fact, level, part, reader):
    """How many of a hundred blotted symbols are read, to what they say and to nothing else."""
    dice, right = np.random.default_rng(20261128), 0
    for number in range(tried):
        text = getattr(examples.bag(number % 12 + 1), fact)
        found = reader(blotted(text, level, part, dice))
        assert found <= {text}
        right += found == {text}
    return 100 * right / tried


def by_file(picture):
    return readback.texts(as_png(Image.fromarray(picture)))


def test_nine_of_ten_signed_codes_are_read_with_a_tenth_of_their_area_covered_anywhere():
    read = read_of(300, "signed", Level.Q, 0.1, by_file)
    # The control: without the second look a blot on a finder pattern loses the code.
    assert read >= 90 and read_of(300, "signed", Level.Q, 0.1, readback._read) <= read - 3


def test_nine_of_ten_house_codes_are_read_with_a_twentieth_covered_one_code_alone():
    assert read_of(200, "code", Level.H, 0.05, by_file) >= 90
    assert read_of(200, "code", Level.H, 0.05, readback._read) < 90


@pytest.mark.parametrize("degrees", [7, -33, 45, 90])
def test_a_covered_corner_is_found_on_a_turned_picture_too(degrees):
    def turned_and_read(picture):
        around = Image.fromarray(np.pad(picture, 20, constant_values=255))
        return readback.texts(as_png(blurred(turned(degrees)(around.resize(
            (around.width * 2, around.height * 2))))))
    assert read_of(60, "signed", Level.Q, 0.1, turned_and_read) >= 90


def test_a_picture_of_nothing_is_answered_at_once():
    noise = np.random.default_rng(1).integers(0, 256, (480, 640)).astype(np.uint8)
    assert list(covered.completed(np.full((480, 640), 255, np.uint8))) == []
    assert len(list(covered.completed(noise))) <= covered.MOST_TRIED
    assert by_file(noise) == set()


def test_a_printed_page_gets_no_second_look():
    page = symbol_of(examples.bag().signed, Level.Q)
    page[16:16 + 32, 16:16 + 32] = 255
    assert by_file(page) == {examples.bag().signed}
    with pytest.raises(readback.PageMismatch):
        readback.check_pictures([page], [{examples.bag().signed}])


def test_a_code_covered_by_half_is_not_read_as_something_else():
    picture = symbol_of(examples.bag().signed, Level.Q)
    picture[:, len(picture) // 2:] = 0
    assert readback._read(picture) == set() and by_file(picture) == set()


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
