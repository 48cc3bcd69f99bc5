from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics

from labels import content, draw, housecode, ink, readback, stock
from labels.wording import Caution, Language, millilitres, moment, moment_in_utc

from . import examples

KINDS = [
    ("bag-100x100", examples.bag()), ("bag-100x50", examples.bag()),
    ("bag-100x50", examples.harvest()), ("small-50x25", examples.culture()),
    ("small-50x25", examples.sample()), ("small-50x25", examples.storage_place()),
    ("wristband", examples.wristband()), ("badge-86x54", examples.badge())]
LONGEST = [
    ("bag-100x100", examples.bag(
        lot="L-2026-0140-B-0007", recipient_number="SSC-MSC-01-0123", volume=Decimal("123.45"),
        bag_count=240, cells="1.25 × 10^8 viable cells", class_name="MSC(M)-CP",
        cautions=(Caution.BIOHAZARD, Caution.ADVISE_RECIPIENT, Caution.REACTIVE),
        reactive_for=("anti-HBc", "syphilis"))),
    ("bag-100x50", examples.bag(recipient_number="SSC-01-01234", volume=Decimal("123.45"),
                                cautions=(Caution.EXCEPTIONAL_RELEASE,))),
    ("bag-100x50", examples.harvest(
        cautions=(Caution.BIOHAZARD, Caution.NOT_EVALUATED), recipient_number="SSC-MSC-01-0123",
        code=housecode.copy_text(examples.harvest().code, 255))),
    ("small-50x25", examples.culture(code=housecode.copy_text(examples.culture().code, 255))),
    ("small-50x25", examples.sample(test="Mycoplasma PCR", source="C-2026-014 P1",
                                    code=housecode.copy_text(examples.sample().code, 9))),
    ("small-50x25", examples.storage_place(place="Tank 12 / Canister 3 / Cassette 14")),
    ("wristband", examples.wristband(recipient_number="SSC-MSC-01-0123",
                                     code=housecode.copy_text(examples.wristband().code, 2))),
    ("badge-86x54", examples.badge(role="Qualified person, cell therapy and apheresis",
                                   number="HOSP-0417-22"))]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name, label", KINDS + LONGEST)
def test_every_label_reads_back_as_printed(name, label, language, dpi):
    on = stock.stock(name)
    pdf = draw.draw([label], on, dpi=dpi, language=language)
    readback.check_pages(pdf, draw.expected_pages([label], on), dpi)


@pytest.mark.parametrize("name, label", [KINDS[0], KINDS[1], KINDS[2], KINDS[6]])
@pytest.mark.parametrize("dpi", [203, 300])
def test_either_of_the_two_house_codes_is_enough(name, label, dpi):
    """One corner torn off, the bag is still known."""
    picture = next(readback.pictures(draw.draw([label], stock.stock(name), dpi=dpi), dpi))
    for keep in (np.s_[:, :picture.shape[1] // 4], np.s_[:, picture.shape[1] * 3 // 4:]):
        half = np.full_like(picture, 255)
        half[keep] = picture[keep]
        buffer = BytesIO()
        Image.fromarray(half).save(buffer, "PNG")
        assert label.code in readback.texts(buffer.getvalue())


@pytest.fixture
def boxes(monkeypatch):
    """Where every text and every symbol (quiet zone included) comes to stand: left, top, right,
    bottom in mm, and what it is."""
    noted = []
    write, lay = ink.Ink._write, ink.Ink._lay

    def note_text(self, x, y, text, size, bold):
        tall = size / ink.POINTS_PER_MM
        noted.append((x, y - 0.73 * tall, x + ink.width_mm(text, size, bold), y, text))
        write(self, x, y, text, size, bold)

    def note_symbol(self, symbol, quiet, x, y, right, bottom):
        side = lay(self, symbol, quiet, x, y, right, bottom)
        left, top = x - side * right, y - side * bottom
        noted.append((left, top, left + side, top + side, "symbol"))
        return side
    monkeypatch.setattr(ink.Ink, "_write", note_text)
    monkeypatch.setattr(ink.Ink, "_lay", note_symbol)
    return noted


@pytest.mark.parametrize("dpi", stock.RESOLUTIONS)
@pytest.mark.parametrize("name, label", KINDS + LONGEST)
def test_nothing_stands_over_another_thing_or_off_the_label(name, label, dpi, boxes):
    on = stock.stock(name)
    draw.draw([label], on, dpi=dpi)
    slack = 0.15                           # a printer dot
    assert len(boxes) > 3
    for i, (left, top, right, bottom, what) in enumerate(boxes):
        assert left >= 0.9 and top >= 0.9 and right <= float(on.width) - 0.9, what
        assert bottom <= float(on.height) - 0.6, what
        for other in boxes[:i]:
            apart = (left > other[2] - slack or right < other[0] + slack
                     or top > other[3] - slack or bottom < other[1] + slack)
            assert apart, (what, other)


@pytest.mark.parametrize("name, label", KINDS)
def test_the_same_label_gives_the_same_bytes(name, label):
    on = stock.stock(name)
    assert draw.draw([label, label], on) == draw.draw(iter([label, replace(label)]), on)


@pytest.mark.parametrize("name, label, field", [
    ("bag-100x100", examples.bag(lot="L" * 40), "lot"),
    ("bag-100x100", examples.bag(recipient_number="SSC-01-012-" + "X" * 20), "recipient_number"),
    ("bag-100x100", examples.bag(contains="albumin " * 80), "contains"),
    ("bag-100x50", examples.bag(cautions=tuple(c for c in Caution if c != Caution.REACTIVE)),
     "lot, storage, trial or facility"),
    ("small-50x25", examples.sample(test="Sterilitytestoffourteendays"), "test"),
    ("wristband", examples.wristband(recipient_number="S" * 60), "recipient_number")])
def test_a_text_that_does_not_fit_is_an_error_that_names_it(name, label, field):
    with pytest.raises(ink.LabelOverflow, match="nothing is cut") as refused:
        draw.draw([label], stock.stock(name))
    assert refused.value.field == field


def test_a_sign_the_font_does_not_have_is_an_error():
    with pytest.raises(ink.Unprintable, match="lot"):
        draw.draw([examples.bag(lot="L-\N{CJK UNIFIED IDEOGRAPH-4E00}")],
                  stock.stock("bag-100x100"))


def test_the_font_tells_nought_from_o_and_one_from_i():
    for font in (ink.REGULAR, ink.BOLD):
        face = pdfmetrics.getFont(font).face
        for pair in ("0O", "1I"):
            one, other = (face.charToGlyph[ord(sign)] for sign in pair)
            assert one != other
            assert face.charWidths[ord(pair[0])] != face.charWidths[ord(pair[1])]


def test_texts_keep_the_sizes_that_can_be_read_at_the_bedside(monkeypatch):
    written = {}
    plain = ink.Ink.text

    def text(self, field, x, until, y, text, *sizes, **how):
        written.setdefault(field, []).append(min(sizes))
        return plain(self, field, x, until, y, text, *sizes, **how)
    monkeypatch.setattr(ink.Ink, "text", text)
    for name in ("bag-100x100", "bag-100x50"):
        written.clear()
        draw.draw([examples.bag()], stock.stock(name))
        assert min(written["din"] + written["recipient_number"]) >= 14
        assert min(written["class_name"] + written["volume"]) >= 10
        assert written["expiry"][0] >= 10
        assert min(map(min, written.values())) >= ink.SMALLEST == 7


def test_a_page_that_shows_another_label_is_named():
    on = stock.stock("bag-100x50")
    bags = [examples.bag(n) for n in (1, 2, 3)]
    pdf = draw.draw(bags, on)
    readback.check_pages(pdf, draw.expected_pages(bags, on))
    with pytest.raises(readback.PageMismatch, match="page 2") as mixed:
        readback.check_pages(pdf, draw.expected_pages([bags[0], bags[2], bags[1]], on))
    assert mixed.value.page == 2 and bags[2].code in mixed.value.missing
    for wrong, page in ((bags[:2], 3), (bags + bags[:1], 4)):
        with pytest.raises(readback.PageMismatch) as count:
            readback.check_pages(pdf, draw.expected_pages(wrong, on))
        assert count.value.page == page


def test_a_sheet_holds_its_labels_and_the_rest_goes_on_the_next():
    on = stock.stock("a4-bag-100x50")
    bags = [examples.bag(n) for n in range(1, 13)]
    pdf = draw.draw(bags, on)
    expected = draw.expected_pages(bags, on)
    assert [len(page) for page in expected] == [20, 4]
    readback.check_pages(pdf, expected)


@pytest.mark.parametrize("name", [name for name, on in stock.STOCKS.items() if on.grid])
def test_a_sheet_s_labels_lie_on_its_page(name):
    on = stock.stock(name)
    assert on.grid.columns * on.width <= on.grid.page_width
    assert on.grid.rows * on.height <= on.grid.page_height


@pytest.mark.parametrize("on", stock.STOCKS.values())
@pytest.mark.parametrize("dpi", stock.RESOLUTIONS)
def test_no_module_is_under_a_third_of_a_millimetre(on, dpi):
    assert Decimal(on.module_dots(dpi)) * stock.MM_PER_INCH / dpi >= Decimal("0.33")
    assert dpi < 300 or on.module_dots(dpi) >= 4


def test_what_cannot_be_drawn_is_said_so():
    with pytest.raises(stock.UnknownStock, match="bag-100x100"):
        stock.stock("bag-1x1")
    with pytest.raises(stock.UnknownStock):
        draw.draw([examples.bag()], stock.stock("bag-100x50"), dpi=72)
    with pytest.raises(draw.NoLayout, match="large or wide"):
        draw.draw([examples.bag()], stock.stock("small-50x25"))
    with pytest.raises(ValueError, match="at least one"):
        draw.draw([], stock.stock("bag-100x50"))


@pytest.mark.parametrize("junk", [b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"x" * 100])
def test_junk_is_no_picture_and_no_pdf(junk):
    with pytest.raises(readback.UnreadablePicture):
        readback.texts(junk)
    with pytest.raises(readback.UnreadablePicture):
        list(readback.pages(junk))


@pytest.mark.parametrize("make, changes, field", [
    (examples.bag, {"lot": "  "}, "lot"), (examples.bag, {"lot": "L\n1"}, "lot"),
    (examples.bag, {"volume": Decimal("NaN")}, "volume"),
    (examples.bag, {"volume": Decimal("0")}, "volume"), (examples.bag, {"volume": 50.0}, "volume"),
    (examples.bag, {"expiry": datetime(2030, 1, 1)}, "expiry"),
    (examples.bag, {"bag_number": 13}, "bag_number"), (examples.bag, {"bag_number": 0},
                                                       "bag_number"),
    (examples.bag, {"code": examples.BAG}, "code"),
    (examples.bag, {"code": examples.RECIPIENT}, "code"),
    (examples.bag, {"recipient": examples.BAG}, "recipient"),
    (examples.bag, {"din": "A9999 26 000042"}, "din"),
    (examples.bag, {"product": "D0001 X A0"}, "product"),
    (examples.bag, {"cautions": (Caution.REACTIVE,)}, "reactive_for"),
    (examples.bag, {"reactive_for": ("HIV",)}, "reactive_for"),
    (examples.bag, {"cautions": (Caution.BIOHAZARD,) * 2}, "cautions"),
    (examples.harvest, {"anticoagulant": ""}, "anticoagulant"),
    (examples.sample, {"code": examples.BAG.lower()}, "code"),
    (examples.wristband, {"recipient_number": "\N{RIGHT-TO-LEFT OVERRIDE}1"}, "recipient_number")])
def test_a_label_is_not_made_of_facts_that_cannot_be_printed(make, changes, field):
    with pytest.raises(content.ContentError) as refused:
        make(**changes)
    assert refused.value.field == field


def test_times_and_volumes_are_written_in_one_way():
    assert moment(examples.EXPIRY) == "2031-11-22 16:40 CET"
    assert moment_in_utc(examples.EXPIRY) == "15:40 UTC"
    east = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert moment(east) == "2026-01-01 00:30 UTC+05:30"
    assert moment_in_utc(east) == "2025-12-31 19:00 UTC"
    assert moment_in_utc(examples.EXPIRY.astimezone(timezone.utc)) == ""
    assert [millilitres(Decimal(v)) for v in ("50.0", "7.50", "100", "1E+2")] == [
        "50 mL", "7.5 mL", "100 mL", "100 mL"]
