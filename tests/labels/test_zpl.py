import re

import numpy as np
import pytest

from labels import compose, draw, readback, stock, zpl
from labels.wording import Language

from . import examples

ROLLS = [(name, label) for name, label in examples.GOOD if stock.stock(name).grid is None]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name, label", ROLLS)
def test_what_a_thermal_printer_gets_is_read_back(name, label, dpi):
    on = stock.stock(name)
    data = zpl.draw([label, label], on, dpi=dpi, language=Language.FR)
    readback.check_pictures(zpl.pictures(data), draw.expected_pages([label, label], on))


@pytest.mark.parametrize("dpi", stock.RESOLUTIONS)
@pytest.mark.parametrize("name", ["bag-100x50", "small-50x25"])
def test_the_printer_burns_what_the_preview_shows(name, dpi):
    """Symbols to the dot; letters as the PDF's reader draws them from the same fonts."""
    label, on = examples.bag(), stock.stock(name)
    (burnt,) = zpl.pictures(zpl.draw([label], on, dpi=dpi))
    (page,) = readback.pictures(draw.draw([label], on, dpi=dpi), dpi)
    assert (burnt == np.where(page < 128, 0, 255)).all()
    scene = compose.compose(draw.layout(label, on), label, Language.EN, dpi)
    for one in scene.symbols:
        dark = one.matrix.repeat(one.module, 0).repeat(one.module, 1)
        shown = burnt[one.row:, one.column:][:dark.shape[0], :dark.shape[1]]
        assert (shown == np.where(dark, 0, 255)).all()


def test_nothing_is_left_to_the_printer_s_own_fonts_and_symbols():
    data = zpl.draw([examples.bag()], stock.stock("bag-100x50"))
    commands = set(re.findall(rb"\^[A-Z][A-Z0-9]", data))
    assert commands == {b"^XA", b"^PW", b"^LL", b"^LH", b"^FO", b"^GF", b"^FS", b"^PQ", b"^XZ"}
    assert data.isascii()


def test_a_sheet_is_not_for_a_thermal_printer():
    with pytest.raises(draw.NoLayout, match="takes a roll"):
        zpl.draw([examples.bag()], stock.stock("a4-bag-100x50"))
    with pytest.raises(ValueError, match="at least one"):
        zpl.draw([], stock.stock("bag-100x50"))


@pytest.mark.parametrize("shape", [(1, 8), (3, 8), (5, 24), (7, 816), (40, 3400)])
@pytest.mark.parametrize("seed", range(4))
def test_graphics_come_back_dot_for_dot(shape, seed):
    dice = np.random.default_rng(seed)
    dark = dice.random(shape) < (0.0, 0.02, 0.5, 1.0)[seed]
    dark[::2, shape[1] // 3:] = seed % 2 == 0
    packed = np.packbits(dark, axis=1)
    squeezed = zpl._squeezed(packed)
    assert (zpl._spread(squeezed, packed.shape[1], packed.size) == packed).all()


@pytest.mark.parametrize("change", [
    lambda data: data[:-1], lambda data: data[1:], lambda data: data.replace(b"^FO0,0", b"^FT0,0"),
    lambda data: data.replace(b"^GFA,", b"^GFA,1", 1), lambda data: data.replace(b":", b"", 1),
    lambda data: data + b"^XA^XZ"])
def test_bytes_that_are_not_ours_are_refused(change):
    with pytest.raises(zpl.NotOurs):
        list(zpl.pictures(change(zpl.draw([examples.sample()], stock.stock("small-50x25")))))
