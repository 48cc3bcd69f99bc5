from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest

from labels import compose, content, draw, facts, ink, layout_file, papers, readback, stock, zpl
from labels.wording import Caution, Language, millilitres, moment, moment_in_utc

from . import examples
from .longest import EVERY, IDS

DPIS = (203, 300)


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("name, label, language", EVERY, ids=IDS)
def test_every_label_reads_back_as_printed(name, label, language, dpi):
    on = stock.stock(name)
    pdf = draw.draw([label], on, dpi=dpi, language=language)
    readback.check_pages(pdf, draw.expected_pages([label], on), dpi)


@pytest.mark.parametrize("dpi", stock.RESOLUTIONS)
@pytest.mark.parametrize("name, label, language", EVERY, ids=IDS)
def test_nothing_stands_over_another_thing_or_off_the_label(name, label, language, dpi):
    on = stock.stock(name)
    layout = draw.layout(label, on)
    scene, fixed = compose.compose(layout, label, language, dpi), compose.fixed(layout, language)
    boxes = [(*one.box, one.text, not getattr(one, "white", False))
             for one in scene.texts + fixed.texts + scene.symbols]
    slack = 0.15                           # a printer dot
    assert len(boxes) > 3
    for i, (left, top, right, bottom, what, is_dark) in enumerate(boxes):
        assert left >= 0.3 and top >= 0.2 and right <= float(on.width) - 0.3, what
        assert bottom <= float(on.height) - 0.2, what
        for other in boxes[:i]:
            apart = (left > other[2] - slack or right < other[0] + slack
                     or top > other[3] - slack or bottom < other[1] + slack)
            assert apart, (what, other)
        for bar in fixed.shapes if is_dark else []:
            assert (left >= bar.x + bar.width - slack or right <= bar.x + slack
                    or top >= bar.y + bar.height - slack or bottom <= bar.y + slack), (what, bar)


@pytest.mark.parametrize("name, label, language", EVERY, ids=IDS)
def test_every_fact_that_a_layout_names_is_printed_whole(name, label, language):
    layout = layout_file.in_language(draw.layout(label, stock.stock(name)), language)
    scene = compose.compose(layout, label, language, 300)
    printed = " ".join(" ".join(one.text for one in scene.texts).split())
    known = facts.facts_of(label, language).texts
    named = {fact for part in (*layout.row, *layout.flow)
             for each in (*getattr(part, "start", ()), *getattr(part, "end", ()),
                          *getattr(part, "paragraphs", ()))
             for fact in layout_file.facts_in(each.text)}
    assert named
    for fact in named - {"always", "warnings"}:
        assert known[fact] in printed, fact


@pytest.mark.parametrize("name", ["bag-100x100", "bag-100x50"])
@pytest.mark.parametrize("dpi", DPIS)
def test_either_of_the_two_house_codes_is_enough(name, dpi):
    """One corner torn off, the bag is still known."""
    label = examples.bag()
    picture = next(readback.pictures(draw.draw([label], stock.stock(name), dpi=dpi), dpi))
    rows, columns = picture.shape
    for keep in (np.s_[:rows // 2, :columns // 4], np.s_[rows // 2:, columns * 3 // 4:]):
        part = np.full_like(picture, 255)
        part[keep] = picture[keep]
        assert readback._read(part) == {label.code}


@pytest.mark.parametrize("name", ["bag-100x100", "bag-100x50", "a4-bag-100x50", "a4-small-3x8"])
@pytest.mark.parametrize("dpi", stock.RESOLUTIONS)
def test_every_module_is_printed_on_whole_dots(name, dpi):
    """What the printer gets is the matrix itself: no dot more, none less, none grey."""
    label, on = examples.bag(), stock.stock(name)
    page = next(readback.pictures(draw.draw([label] * on.per_page, on, dpi=dpi), dpi))
    assert page.shape == draw.page_dots(on, dpi)[::-1]
    scene = compose.compose(draw.layout(label, on), label, Language.EN, dpi)
    for place in (0, on.per_page - 1):
        left, top = (stock.dots(each, dpi) for each in on.corner(place))
        for one in scene.symbols:
            dark = one.matrix.repeat(one.module, 0).repeat(one.module, 1)
            shown = page[one.row + top:, one.column + left:][:dark.shape[0], :dark.shape[1]]
            assert (shown == np.where(dark, 0, 255)).all(), one.field


@pytest.mark.parametrize("name, label", examples.GOOD)
def test_the_same_label_gives_the_same_bytes(name, label):
    on = stock.stock(name)
    assert draw.draw([label, label], on) == draw.draw(iter([label, replace(label)]), on)
    assert zpl.draw([label], on) == zpl.draw([replace(label)], on)


@pytest.mark.parametrize("name, label, field", [
    ("bag-100x100", examples.bag(lot="L" * 70), "lot"),
    ("bag-100x100", examples.bag(recipient_number="SSC-01-012-" + "X" * 20), "recipient_number"),
    ("bag-100x100", examples.bag(contains="albumin " * 80), "contains"),
    ("bag-100x50", examples.bag(facility="Laboratory of a very long name " * 12), "facility"),
    ("small-50x25", examples.sample(test="Sterilitytestoffourteendaysandmore"), "test"),
    ("wristband", examples.wristband(recipient_number="S" * 80), "recipient_number"),
    ("badge-86x54", examples.badge(role="Qualified person " * 20), "role"),
    ("bag-100x100", examples.box(telephone="+33 1 " * 20), "telephone"),
    ("paper-a4", examples.packing_list(11), "bags")])
@pytest.mark.parametrize("as_bytes", [draw.draw, zpl.draw])
def test_a_text_that_does_not_fit_is_an_error_that_names_it(name, label, field, as_bytes):
    with pytest.raises(ink.LabelOverflow, match="nothing is cut") as refused:
        as_bytes([label], stock.stock(name))
    assert refused.value.field == field


@pytest.mark.parametrize("lot", ["L-\N{CJK UNIFIED IDEOGRAPH-4E00}", "L^2"])
def test_a_sign_that_cannot_be_printed_is_an_error(lot):
    with pytest.raises(ink.Unprintable, match="lot"):
        draw.draw([examples.bag(lot=lot)], stock.stock("bag-100x100"))


def test_a_line_does_not_break_within_a_number_or_before_its_unit():
    assert ink.wrapped("call +33 1 00 00 00 00", 7, False, 28) == ("call", "+33 1 00 00 00 00")
    assert ink.wrapped("kept at -150 °C", 7, False, 17) == ("kept at", "-150 °C")
    assert ink.wrapped("1 2 3 4 5 6 7 8", 7, False, 8) == ("1 2 3", "4 5 6", "7 8")
    assert ink.wrapped("unbreakable", 7, False, 8) is None


def test_the_font_tells_nought_from_o_and_one_from_i():
    for face in (ink.REGULAR, ink.BOLD):
        for one, other in ("0O", "1I", "1l"):
            assert face.glyphs[ord(one)] != face.glyphs[ord(other)]
            assert face.widths[one] != face.widths[other]


@pytest.mark.parametrize("shape", ["large", "wide", "tag"])
def test_texts_keep_the_sizes_that_can_be_read_at_the_bedside(shape):
    layout = draw.LAYOUTS[content.BagLabel, shape]
    sizes = {cell.text: min(cell.sizes) for row in layout.row for cell in row.start + row.end}
    assert min(sizes["{din_groups}"], sizes["{recipient_number}"]) >= 14
    assert min(sizes[name] for name in ("{class_name}", "{product}", "{volume}", "{expiry}")) >= 10


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
    expected = draw.expected_pages(bags, on)
    assert [len(page) for page in expected] == [21, 5]    # the example bags share a product
    readback.check_pages(draw.draw(bags, on), expected)


def test_used_places_of_a_sheet_stay_white():
    on = stock.stock("a4-small-3x8")
    samples, used = [examples.sample()] * 24, (1, 2, 5)
    pages = list(readback.pictures(draw.draw(samples, on, used=used), 300))
    assert len(pages) == 2
    for place in range(24):
        left, top = (stock.dots(each, 300) for each in on.corner(place))
        at = np.s_[top:top + stock.dots(25, 300), left:left + stock.dots(50, 300)]
        assert (pages[0][at].min() == 255) == (place + 1 in used), place
        assert (pages[1][at].min() == 255) == (place >= 3), place


@pytest.mark.parametrize("used", [(0,), (25,), tuple(range(1, 25))])
def test_places_that_a_sheet_does_not_have_are_refused(used):
    with pytest.raises(ValueError, match="places 1 to 24"):
        draw.draw([examples.sample()], stock.stock("a4-small-3x8"), used=used)


def test_a_sheet_that_is_smaller_than_its_labels_is_refused():
    grid = stock.Grid(3, 8, Decimal(210), Decimal(297), Decimal(31))
    with pytest.raises(stock.UnknownStock, match="measure the sheet"):
        stock.Stock("mine", "small", Decimal(50), Decimal(25), grid)


def test_what_cannot_be_drawn_is_said_so():
    with pytest.raises(stock.UnknownStock, match="bag-100x100"):
        stock.stock("bag-1x1")
    with pytest.raises(stock.UnknownStock):
        draw.draw([examples.bag()], stock.stock("bag-100x50"), dpi=72)
    with pytest.raises(draw.NoLayout, match="wide"):
        draw.draw([examples.harvest()], stock.stock("small-50x25"))
    with pytest.raises(draw.NoLayout, match="another size"):
        draw.draw([examples.bag()], stock.Stock("mine", "wide", Decimal(90), Decimal(50)))
    with pytest.raises(ValueError, match="at least one"):
        draw.draw([], stock.stock("bag-100x50"))


@pytest.mark.parametrize("make, changes, field", [
    (examples.bag, {"lot": "  "}, "lot"), (examples.bag, {"lot": "L\n1"}, "lot"),
    (examples.bag, {"volume": Decimal("NaN")}, "volume"),
    (examples.bag, {"volume": Decimal("0")}, "volume"), (examples.bag, {"volume": 50.0}, "volume"),
    (examples.bag, {"expiry": datetime(2030, 1, 1)}, "expiry"),
    (examples.bag, {"bag_number": 13}, "bag_number"),
    (examples.bag, {"bag_number": 0}, "bag_number"),
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
    (examples.donor_tube, {"code": examples.BAG}, "code"),
    (examples.cryo_unit, {"unit": ""}, "unit"),
    (examples.box, {"bag_count": 0}, "bag_count"), (examples.box, {"bag_count": -1}, "bag_count"),
    (examples.packing_list, {"bag_count": 2}, "bags"),
    (examples.packing_list, {"bags": examples.packing_list(1).bags * 3}, "bags"),
    (examples.bedside_form, {"recipient": examples.BAG}, "recipient"),
    (examples.wristband, {"recipient_number": "\N{RIGHT-TO-LEFT OVERRIDE}1"}, "recipient_number")])
def test_a_label_is_not_made_of_facts_that_cannot_be_printed(make, changes, field):
    with pytest.raises(content.ContentError) as refused:
        make(**changes)
    assert refused.value.field == field


def test_a_line_of_a_packing_list_names_a_bag():
    line = examples.packing_list(1).bags[0]
    with pytest.raises(content.ContentError, match="names a recipient"):
        replace(line, code=examples.RECIPIENT)
    assert isinstance(line, papers.PackedBag) and line.copy is None


def test_a_paper_cannot_be_scanned_in_place_of_the_bag():
    label = examples.bag().code
    for make in (lambda: replace(examples.packing_list(1).bags[0], code=label),
                 lambda: examples.bedside_form(code=label)):
        with pytest.raises(content.ContentError, match="in place of the bag"):
            make()
    on = stock.stock("paper-a4")
    assert draw.symbols(examples.bedside_form(), on) == {label[:20]}


def test_times_and_volumes_are_written_in_one_way():
    assert moment(examples.EXPIRY) == "2031-11-22 16:40 CET"
    assert moment_in_utc(examples.EXPIRY) == "15:40 UTC"
    east = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert moment(east) == "2026-01-01 00:30 UTC+05:30"
    assert moment_in_utc(east) == "2025-12-31 19:00 UTC"
    assert moment_in_utc(examples.EXPIRY.astimezone(timezone.utc)) == ""
    assert [millilitres(Decimal(v)) for v in ("50.0", "7.50", "100", "1E+2")] == [
        "50 mL", "7.5 mL", "100 mL", "100 mL"]
