"""A shape is checked when it is read: every mistake named with its line."""

from __future__ import annotations

import pytest

from mscbank.exchange.imports import shelf
from mscbank.exchange.imports.shape import LONGEST_SHEET, What, read_shape
from specs.sheet import ShelfError
from tests.mscbank.imports.files import VIABILITY, shape, sheet

TOTAL = {"name": '"Total"', "what": '"total cells"'}
VIABLE = {"name": '"Live"', "what": '"viable cells"'}


def test_the_shapes_that_come_with_the_program_are_sound_and_claim_no_certification() -> None:
    assert set(shelf.shipped()) == {"vi-cell-blu-1", "nucleocounter-1", "flowjo-table-1"}
    for file in shelf.FOLDER.glob("*.toml"):
        assert "Modelled, not certified" in " ".join(file.read_text().replace("#", " ").split())


def test_a_shape_names_every_column_it_reads_once() -> None:
    read = shape(TOTAL | {"times": '"mL"'}, VIABLE | {"times": '"mL"'}, VIABILITY)
    assert read.columns == ("Sample", "When", "Total", "Live", "Viability", "mL")
    assert [each.what for each in read.measures] == [
        What.TOTAL_CELLS, What.VIABLE_CELLS, What.RESULT]
    assert read.reference == "our-counter-1" and len(read.digest) == 64


@pytest.mark.parametrize("key, value, line, reason", [
    ("name", '"Our counter"', 1, "small letters"), ("name", None, 1, "name is missing"),
    ("version", "0", 2, "from 1 to 9999"), ("version", '"1"', 2, "whole number"),
    ("title", '"\\u0007"', 3, "cannot be printed"),
    ("encoding", '"latin-9"', 4, "encoding is one of"),
    ("delimiter", '","', 5, "delimiter is one of"), ("decimal", '"dot"', 6, "decimal is one of"),
    ("decimal", '"comma"', 6, "cannot part the columns"),
    ("header_row", "0", 7, "from 1 to 60"), ("header_row", "61", 7, "from 1 to 60"),
    ("code", '""', 8, "code is empty"), ("time", '"When"', 9, "list of quoted texts"),
    ("time", None, 1, "stand together"), ("time_format", None, 9, "stand together"),
    ("time_format", '"%d.%m.%Y"', 10, "hour and minute"),
    ("time_format", '"%Y%Y"', 10, "hour and minute"), ("time_format", '"%"', 10, "hour and minute"),
    ("time_format", '"%I:%M %d.%m.%Y"', 10, "hour and minute"),
    ("zone", '"Europe/Atlantis"', 11, "no zone"), ("zone", '"../etc"', 11, "no zone"),
    ("below", '["<", "<"]', 14, "each sign stands once"),
    ("below", '[" "]', 14, "each sign stands once"),
    ("above", '["<"]', 14, "each sign stands once"),
    ("colour", '"red"', 14, "unknown key 'colour'")])
def test_a_mistake_in_the_sheet_is_named_with_its_line(
        key: str, value: str | None, line: int, reason: str) -> None:
    with pytest.raises(ShelfError, match=reason) as refused:
        shape(**{key: value})
    assert refused.value.line == line


@pytest.mark.parametrize("columns, reason", [
    ([VIABILITY | {"test": '""'}], "its test and its method"),
    ([{"name": '"V"'}], "its test and its method"),
    ([VIABILITY | {"stage": '"final"'}], "stage is one of"),
    ([VIABILITY | {"factor": "0"}], "10\\^-12"), ([VIABILITY | {"factor": "1.5"}], "quoted"),
    ([VIABILITY | {"factor": '"10000000000000"'}], "10\\^12"),
    ([VIABILITY | {"places": "7"}], "from 0 to 6"),
    ([VIABILITY | {"what": '"guess"'}], "what is one of"),
    ([VIABILITY, VIABILITY | {"name": '"V2"'}], "two columns give the same"),
    ([TOTAL], "needs both"), ([VIABLE], "needs both"),
    ([TOTAL | {"test": '"viability"'}, VIABLE], "no test"),
    ([VIABILITY | {"words": '[{read = "neg", recorded = "a"}, {read = "NEG", recorded = "b"}]'}],
     "twice"),
    ([VIABILITY | {"limit": "3"}], "unknown key 'limit'")])
def test_a_column_that_cannot_be_is_named(columns: list[dict[str, str]], reason: str) -> None:
    with pytest.raises(ShelfError, match=reason):
        shape(*columns)


@pytest.mark.parametrize("content, reason", [
    (b"\xff", "not UTF-8"), (b"name = ", "not TOML"), (b"", "name is missing"),
    (b"#" * (LONGEST_SHEET + 1), "at most"), (sheet().replace("[[column]]", "[column]").encode(),
                                              "list of tables"),
    (sheet().partition("[[column]]")[0].encode(), "column is missing")])
def test_what_is_no_sheet_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ShelfError, match=reason):
        read_shape("test", content)
