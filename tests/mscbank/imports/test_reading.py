"""A file is read exactly, or refused in words that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import housecode
from labels.housecode import Kind
from mscbank.errors import Malformed
from mscbank.exchange.imports import rules
from mscbank.exchange.imports.reading import Row, first_rows, read_file
from mscbank.exchange.imports.shape import Encoding, Shape
from specs.judge import Qualifier
from tests.mscbank.imports.files import VIABILITY, shape, written

SITE = ZoneInfo("Europe/Paris")
CODE = housecode.with_check(Kind.SAMPLE, "HCXJXTPELJPRLVNR")
OTHER = housecode.with_check(Kind.SAMPLE, "VXTRPNLKJHGFEDCB")
HEADER = "Sample,When,Viability"
NOON = "02.03.2026 12:00"


def read(*rows: str, by: Shape | None = None, **more: str) -> tuple[Row, ...]:
    return read_file(written(*rows, **more), by or shape(), SITE).rows


def one(*cells: str, **different: str | None) -> Row:
    """The only row below the usual header."""
    (row,) = read(HEADER, ",".join(cells), by=shape(**different))
    return row


def amount(text: str, **column: str) -> Decimal | None:
    (row,) = read(HEADER, f'{CODE},{NOON},"{text}"', by=shape(VIABILITY | column))
    assert not row.refused, row.refused
    return row.readings[0].amount


def test_a_row_says_of_what_when_and_how_much() -> None:
    row = one(CODE, NOON, "96.5")
    assert (row.line, row.code, row.refused) == (2, CODE, "")
    assert row.performed_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert row.readings[0].amount == Decimal("96.5")


@pytest.mark.parametrize("text, qualifier, value", [
    ("<0.05", Qualifier.BELOW, "0.05"), ("< 0.05", Qualifier.BELOW, "0.05"),
    (">99.9", Qualifier.ABOVE, "99.9"), ("0", Qualifier.EXACT, "0"),
    ("97 %", Qualifier.EXACT, "97"),
    ("-3", Qualifier.EXACT, "-3"), ("1e2", Qualifier.EXACT, "1E+2")])
def test_the_signs_of_a_number_are_understood(text: str, qualifier: Qualifier, value: str) -> None:
    reading = one(CODE, NOON, text).readings[0]
    assert (reading.qualifier, reading.value) == (qualifier, Decimal(value))


@pytest.mark.parametrize("text, column, exact", [
    ("0.123456789", {"factor": "1000000"}, "123456.789"),
    ("98.7345", {"places": "2"}, "98.73"), ("98.735", {"places": "2"}, "98.74"),
    ("98.745", {"places": "2"}, "98.74"), ("0.1", {"factor": '"0.1"'}, "0.01"),
    ("999999999999999.999999999999999", {"factor": "1000000000000"},
     "999999999999999999999999999.999")])
def test_a_factor_is_exact_and_only_asked_for_rounding_rounds(
        text: str, column: dict[str, str], exact: str) -> None:
    assert amount(text, **column) == Decimal(exact)


def test_a_number_is_multiplied_with_the_volume_beside_it() -> None:
    by = shape(VIABILITY | {"times": '"mL"', "factor": "1000000"})
    rows = read("Sample,When,Viability,mL", f"{CODE},{NOON},1.25,20.5", f"{CODE},{NOON},1.25,",
                f"{CODE},{NOON},1.25,0", by=by)
    assert [reading.amount for row in rows for reading in row.readings] == [
        Decimal(25_625_000), Decimal(1_250_000)]
    assert "a volume is above 0" in rows[2].refused


def test_decimal_commas_and_semicolons_are_read_where_the_shape_says_so() -> None:
    by = shape(delimiter='"semicolon"', decimal='"comma"')
    (row,) = read("Sample;When;Viability", f"{CODE};{NOON};96,5", by=by)
    assert row.readings[0].amount == Decimal("96.5")


def test_words_are_translated_into_those_of_the_specification() -> None:
    by = shape(VIABILITY | {"unit": '"%"', "words": '[{read = "neg", recorded = "not detected"}]'})
    known, unknown = read(HEADER, f"{CODE},{NOON},NEG", f"{CODE},{NOON},perhaps", by=by)
    assert known.readings[0].word == "not detected" and known.readings[0].amount is None
    assert "the shape knows “neg”" in unknown.refused


def test_a_preamble_is_passed_over_and_lines_keep_their_numbers() -> None:
    file = written("Instrument,7", '"a note', 'of two lines"', HEADER, "", f"{CODE},{NOON},1")
    sheet = read_file(file, shape(header_row="3"), SITE)
    assert sheet.rows[0].line == 6 and sheet.preamble[1] == ("a note\r\nof two lines",)


def test_rows_of_means_below_the_table_are_left_out_and_said_to_be() -> None:
    rows = read(HEADER, f"{CODE},{NOON},1", "Mean,,1")
    assert [row.left_out for row in rows] == [False, True]


def test_empty_cells_give_nothing() -> None:
    assert one(CODE, NOON, "n/a").readings == one(CODE, NOON, " ").readings == ()


def test_columns_may_be_read_by_number() -> None:
    (row,) = read(",When,Viability,", f"{CODE},{NOON},1,", by=shape(code='"#1"'))
    assert row.code == CODE
    with pytest.raises(Malformed, match="reads column 9, and the file has 3"):
        read(HEADER, "a,b,c", by=shape(code='"#9"'))


@pytest.mark.parametrize("typed", [
    CODE, CODE.lower(), housecode.format(CODE), f"  {CODE} ", f"Specimen_001_{CODE}_cd73.fcs",
    f"day 9 {CODE}", housecode.copy_text(CODE, 2)])
def test_a_code_is_found_however_it_was_typed(typed: str) -> None:
    assert one(typed, NOON, "1").code == CODE


@pytest.mark.parametrize("typed, said", [
    ("", "This row has no code"), ("P1 flask", "holds no code"), (CODE[:-1], "holds no code"),
    (CODE[:-1] + "B", "holds no code"), (f"{CODE} {OTHER}", "holds two codes")])
def test_a_row_without_one_code_is_refused(typed: str, said: str) -> None:
    assert said in one(typed, NOON, "1").refused


@pytest.mark.parametrize("text, said", [
    ("31.02.2026 12:00", "is no date and time such as 31.12.2026 16:05"),
    ("2026-03-02 12:00", "is no date and time"), ("", "is no date and time"),
    ("29.03.2026 02:30", "no such time that night"), ("25.10.2026 02:30", "came twice"),
    ("02.03.0026 12:00", "this year cannot be meant"), ("=NOW()", "holds a formula")])
def test_a_time_that_cannot_be_told_is_refused(text: str, said: str) -> None:
    assert said in one(CODE, text, "1").refused


@pytest.mark.parametrize("zone, hour", [('"Europe/Paris"', 11), ('"America/New_York"', 17),
                                        ('"UTC"', 12), (None, 11)])
def test_a_time_without_zone_is_of_the_shapes_clock_or_the_sites(
        zone: str | None, hour: int) -> None:
    moment = one(CODE, NOON, "1", zone=zone).performed_at
    assert moment and moment.hour == hour


def test_a_time_with_its_zone_keeps_it() -> None:
    row = one(CODE, "25.10.2026 02:30 +0100", "1", time_format='"%d.%m.%Y %H:%M %z"')
    assert row.performed_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text, said", [
    ("96,5", "has a decimal point|have a decimal point"), ("1 000", "is no number"),
    ("nan", "is no number"), ("Infinity", "is no number"), ("0x1F", "is no number"),
    ("=1+1", "holds a formula"), ("@SUM(A1)", "holds a formula"), ("+-1", "is no number"),
    ("1.", "is no number"), ("1e999", "is no number"), ("<", "is no number"),
    ("9" * 400, "is no number")])
def test_what_is_no_number_is_refused(text: str, said: str) -> None:
    (row,) = read(HEADER, f'{CODE},{NOON},"{text}"')
    assert any(part in row.refused for part in said.split("|"))


@pytest.mark.parametrize("cells, said", [
    ([CODE, NOON, "96", "5"], "has 4 cells and the header 3"), ([CODE, NOON], "has 2 cells"),
    ([CODE, NOON, "9" * 501], "more than 500 signs")])
def test_a_row_that_does_not_fit_its_header_is_refused(cells: list[str], said: str) -> None:
    assert said in one(*cells).refused


@pytest.mark.parametrize("file, different, said", [
    (b"", {}, "is empty"), (b" \r\n ", {}, "is empty"),
    (b"x" * (rules.MOST_BYTES + 1), {}, "more than 2 MB"),
    (written(HEADER), {}, "a header and nothing below"),
    (written(HEADER), {"header_row": "5"}, "should stand in row 5, and the file has 1"),
    (written("Sample,When", "a,b"), {}, "“Viability” is missing in line 1"),
    (written("Sample;When;Viability", "a;b;c"), {}, "“Sample” is missing in line 1"),
    (written(HEADER + ",Viability", "a,b,c,d"), {}, "is there 2 times"),
    (written(HEADER, '"a,b,c'), {}, "From line 2 on"), (written(HEADER, '"a"b,c,d'), {}, "line 2"),
    (written(HEADER, "a\0,b,c"), {}, "zero bytes"),
    (written(HEADER, "é,b,c", encoding="cp1252"), {}, "bytes on line 2"),
    (written(HEADER, "a,b,c", encoding="utf-16"), {}, "the mark of utf-16"),
    (written(HEADER, "a,b,c"), {"encoding": '"utf-16"'}, "has no mark of UTF-16"),
    (written(HEADER, "a,b,c", encoding="utf-8-sig"), {"encoding": '"cp1252"'}, "mark of utf-8-sig"),
    (written(HEADER, "a,b,c", encoding="utf-8-sig"), {"encoding": '"utf-8"'}, "mark of utf-8-sig"),
    (written(HEADER).rstrip() + b",\x81", {"encoding": '"cp1252"'}, "bytes on line 1"),
    (written(HEADER + "," * 300, "a"), {}, "a header and nothing|200 columns|has 1 cells"),
    (written(HEADER + ",x" * 300, "a"), {}, "more than 200 columns"),
    (written(HEADER, *["a,b,c"] * 5001), {}, "more than 5\u202f000 rows"),
    (written(HEADER, *["a,b,c"] * 6000), {}, "more than 5\u202f000 rows"),
    (b"\n" * 200_000 + b"a", {}, "more than 5\u202f000 rows")])
def test_a_file_that_cannot_be_read_is_refused_whole(
        file: bytes, different: dict[str, str], said: str) -> None:
    try:
        refused = read_file(file, shape(**different), SITE).rows[0].refused
    except Malformed as refusal:
        refused = refusal.sentence
        assert refusal.field == "file"
    assert any(part in refused for part in said.split("|"))


def test_five_thousand_rows_are_read() -> None:
    assert len(read(HEADER, *[f"{CODE},{NOON},1"] * 5000)) == 5000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_encoding_reads_its_own_letters(encoding: str) -> None:
    by = shape(VIABILITY | {"name": '"Viabilité"'}, encoding=f'"{Encoding(encoding)}"')
    (row,) = read("Sample,When,Viabilité", f"{CODE},{NOON},1", by=by, encoding=encoding)
    assert row.readings and not row.refused


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_each_end_of_line_is_one(newline: str) -> None:
    assert len(read(HEADER, f"{CODE},{NOON},1", f"{CODE},{NOON},2", newline=newline)) == 2


@pytest.mark.parametrize("cell, safe", [
    ("=1+1", "'=1+1"), ("@x", "'@x"), ("+cmd", "'+cmd"), ("-cmd", "'-cmd"), ("\tx", "'\tx"),
    ("-3.5", "-3.5"), ("+1", "+1"), ("-3,5", "-3,5"), ("plain", "plain"), ("", "")])
def test_no_cell_we_write_is_taken_for_a_formula(cell: str, safe: str) -> None:
    assert rules.guarded(cell) == safe


SIGNS = st.text(alphabet='",;\t\r\n\0=<>+-.eE0123456789 %:/BCDXéAmean\ufeff', max_size=400)
SHAPES = [shape(), shape(encoding='"utf-16"', delimiter='"tab"'), shape(encoding='"cp1252"'),
          shape(delimiter='"semicolon"', decimal='"comma"', header_row="2", code='"#1"'),
          shape(VIABILITY | {"times": '"When"'}, time=None, time_format=None, zone=None)]


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=400), SIGNS.map(lambda text: text.encode("utf-8")),
                 SIGNS.map(lambda text: f"{HEADER}\n{text}".encode()),
                 SIGNS.map(lambda text: f'{HEADER}\n{CODE},{NOON},"{text}"\n'.encode()),
                 SIGNS.map(lambda text: f"\n{HEADER}\n{CODE},{text},{text}\n".encode("utf-16"))),
       st.sampled_from(SHAPES))
def test_reading_raises_nothing_but_the_refusal(content: bytes, by: Shape) -> None:
    for ask in (lambda: read_file(content, by, SITE), lambda: first_rows(content, by, 20)):
        try:
            found = ask()
        except Malformed as refusal:
            assert refusal.sentence and refusal.field == "file"
            continue
        if not isinstance(found, list):
            for row in found.rows:
                assert row.refused or row.left_out or row.code
                assert all(reading.amount is None or reading.amount.is_finite()
                           for reading in row.readings)
