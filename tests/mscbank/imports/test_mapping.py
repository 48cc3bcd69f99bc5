"""An example of any instrument is guessed at and cut into columns; what is written is a sheet."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mscbank.errors import Malformed
from mscbank.exchange.imports import mapping
from mscbank.exchange.imports.mapping import Layout
from mscbank.exchange.imports.reading import first_rows
from mscbank.exchange.imports.shape import DecimalMark, Delimiter, Encoding, read_shape
from mscbank.exchange.imports.writing import sheet_text
from specs.sheet import ShelfError
from tests.mscbank.imports.files import written


@pytest.mark.parametrize("file, layout", [
    (written("a,b", "1.5,2"), (Encoding.UTF_8_SIG, Delimiter.COMMA, DecimalMark.POINT, 1)),
    (written("Device", "", "a;b", "1,5;2"), (Encoding.UTF_8_SIG, Delimiter.SEMICOLON,
                                             DecimalMark.COMMA, 3)),
    (written("a\tb", "1.5\t2", encoding="utf-16"), (Encoding.UTF_16, Delimiter.TAB,
                                                    DecimalMark.POINT, 1)),
    (written("é;b", "1.5;2", encoding="cp1252"), (Encoding.CP1252, Delimiter.SEMICOLON,
                                                  DecimalMark.POINT, 1))])
def test_the_layout_of_an_example_is_guessed(file: bytes, layout: tuple) -> None:
    assert mapping.guessed(file) == Layout(*layout)


def test_columns_without_a_name_of_their_own_go_by_number() -> None:
    layout = Layout(Encoding.UTF_8, Delimiter.COMMA, DecimalMark.POINT, 1)
    found = mapping.columns_of([["", "V", "V", "W"], ["x", "1"], ["", "", "7", "8"]], layout,
                               {"what-4": " result "})
    assert [(each.reference, each.example) for each in found] == [
        ("#1", "x"), ("#2", "1"), ("#3", "7"), ("W", "8")]
    assert found[3].said["what"] == "result" and found[0].said["what"] == ""


def test_a_long_example_is_cut_at_the_end_of_a_line() -> None:
    for encoding in ("utf-8", "utf-16"):
        cut = mapping.beginning(written(*["a,b"] * 30_000, encoding=encoding))
        assert len(cut) <= mapping.EXAMPLE_BYTES and cut.decode(encoding).endswith("a,b\r\n")


@given(st.text(max_size=60).filter(str.strip), st.text(max_size=60).filter(str.strip))
def test_any_words_can_stand_on_a_sheet(title: str, word: str) -> None:
    text = sheet_text({"name": "a", "version": 1, "title": title, "time": (word,)}, [])
    read = tomllib.loads(text.replace("\r\n", "\n"))
    assert read == {"name": "a", "version": 1, "title": title, "time": [word]}


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_guessing_raises_nothing_but_the_refusal(content: bytes) -> None:
    layout = mapping.guessed(content)
    try:
        rows = first_rows(content, mapping.looking(layout), 20)
        mapping.columns_of(rows, layout, {})
    except Malformed as refusal:
        assert refusal.sentence


SAID = st.text(alphabet='ab-1;=0.5 "\\\n', max_size=12)


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({
    name: st.sampled_from(["", "code", "time", "result", "total cells"]) if name == "what" else SAID
    for name in ("what", "test", "unit", "factor", "times", "places", "method", "stage", "words")
}), max_size=4), SAID, SAID)
def test_whatever_is_said_of_columns_is_a_shape_or_a_refusal(
        said: list[dict[str, str]], name: str, time_format: str) -> None:
    layout = Layout(Encoding.UTF_8, Delimiter.COMMA, DecimalMark.POINT, 1)
    columns = [mapping.Column(number, f"c{number}", f"c{number}", "", words)
               for number, words in enumerate(said, 1)]
    try:
        read_shape("x", mapping.written_sheet(name, 1, "Title", layout, time_format, "",
                                              columns).encode())
    except (Malformed, ShelfError) as refusal:
        assert str(refusal)
