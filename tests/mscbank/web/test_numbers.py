"""How amounts, counts and limits look to a reader: on a page and in a sentence beside a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup, escape
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from mscbank.web.forms import read, sentences
from mscbank.web.look import sealed, whole
from tests.mscbank.web.conftest import ON_ONE_DATABASE, Browser

LANGUAGES = pytest.mark.parametrize(("language", "mark", "colon"), [
    ("en", ".", ": "), ("fr", ",", "\u00a0: ")])


@contextmanager
def reading(bank: Flask, browse: Callable[..., Browser], language: str) -> Iterator[None]:
    """Within a request of somebody who reads this language."""
    browse(None).get("/sign-in")  # the pages are put on when a client first asks
    with bank.test_request_context("/sign-in", headers={"Accept-Language": language}):
        bank.preprocess_request()
        yield


@ON_ONE_DATABASE
@LANGUAGES
def test_an_amount_has_the_readers_decimal_mark(bank, browse, language: str, mark: str, colon: str) -> None:
    with reading(bank, browse, language):
        page = render_template_string("{{ kg }}{{ colon() }}{{ text|sealed('temperature_c') }} {{ 0 }}",
                                      kg=Decimal("62.5"), text="36.8")
        assert page == f"62{mark}5{colon}36{mark}8 0"


@ON_ONE_DATABASE
def test_a_number_somebody_gave_keeps_its_point(bank, browse) -> None:
    with reading(bank, browse, "fr"):
        assert (sealed("5.0", "ctcae_version"), sealed("5.0", "kg")) == ("5.0", "5,0")
        assert sealed("36.8 C") == "36.8 C"  # somebody's own words
        for name in ("lot_number", "version", "name", "document", ""):
            assert sealed("8.25", name) == "8.25", name


@ON_ONE_DATABASE
@pytest.mark.parametrize(("number", "told"), [
    (1, "1 entr\u00e9e"), (2, "2 entr\u00e9es"), (3061, "3\u202f061 entr\u00e9es")])
def test_a_count_agrees_and_has_its_thousands_apart(bank, browse, number: int, told: str) -> None:
    with reading(bank, browse, "fr"):
        page = render_template_string(
            "{{ ngettext('Trail: %(num)s entry, last written %(at)s', "
            "'Trail: %(num)s entries, last written %(at)s', number, at='x') }}", number=number)
        assert told in page


@pytest.mark.parametrize(("rule", "typed", "said"), [
    (validate.Range(0, 1000), 2000, "Give 0 to 1000."), (validate.Range(min=2), 1, "Give 2 or more."),
    (validate.Range(max=3), 4, "Give at most 3."),
    (validate.Range(0, 5, min_inclusive=False), 0, "Give more than 0, at most 5.")])
def test_a_limit_says_what_to_give(rule: Callable[..., object], typed: int, said: str) -> None:
    schema = Schema.from_dict({"ml": fields.Integer(validate=rule)})()
    with pytest.raises(ValidationError) as refusal:
        schema.load({"ml": typed})
    assert sentences(refusal.value.messages) == {"ml": said}


@pytest.mark.parametrize(("typed", "meant"), [
    ("84e6", 84_000_000), ("84 000 000", 84_000_000), ("1.2 x 10^6", 1_200_000),
    ("1,2 × 10^6", 1_200_000), ("3.18 × 10⁸", 318_000_000), ("3,18×10⁸", 318_000_000),
    ("5 x 10¹²", 5_000_000_000_000), ("2*10^7", 20_000_000), ("108", 108), ("10", 10)])
def test_cells_are_typed_as_they_are_shown(typed: str, meant: int) -> None:
    schema = Schema.from_dict({"cells": fields.Integer(strict=True)})()
    raw, wrong = read(schema, MultiDict({"cells": typed}), UTC)
    assert not wrong and schema.load(raw) == {"cells": meant}


@ON_ONE_DATABASE
@LANGUAGES
@pytest.mark.parametrize("number", [12_000, 318_000_000, 1_250_000_000_000])
def test_cells_copied_from_a_page_are_the_same_number_in_a_box(
        bank, browse, language: str, mark: str, colon: str, number: int) -> None:
    """What is selected on a page is its text: no style of it is copied."""
    with reading(bank, browse, language):
        copied = Markup(render_template_string("{{ number|cells }}", number=number)).striptags()
    schema = Schema.from_dict({"cells": fields.Integer(strict=True)})()
    raw, wrong = read(schema, MultiDict({"cells": copied}), UTC)
    assert not wrong and schema.load(raw) == {"cells": number}


@pytest.mark.parametrize(("typed", "write"), [
    ("2 x 105", "2e5"), ("3.18 × 108", "3.18e8"), ("1,2*1012", "1,2e12"), ("84 × 10 6", "84e6"),
    ("3 x 1010", "3e10")])
def test_a_power_that_nothing_raises_is_asked_about(typed: str, write: str) -> None:
    """210, or two hundred thousand? Nobody guesses."""
    schema = Schema.from_dict({"cells": fields.Integer(strict=True)})()
    raw, wrong = read(schema, MultiDict({"cells": typed}), UTC)
    assert raw == {} and "in two ways" in wrong["cells"] and f"write {write} for" in wrong["cells"]


@pytest.mark.parametrize("typed", ["1.5 x 10", "x108", "2 x 10^30", "1.23 × 10^1", "twelve", "1e6e6",
                                   "2 x 1000", "2 x 100", "2 x 10⁵^", "2 x 10^⁵5"])
def test_what_is_no_number_of_cells_is_sent_back(typed: str) -> None:
    schema = Schema.from_dict({"cells": fields.Integer(strict=True)})()
    raw, _ = read(schema, MultiDict({"cells": typed}), UTC)
    with pytest.raises(ValidationError):
        schema.load(raw)


@pytest.mark.parametrize("code", ["R-024", "L26-001", "DV26-001", "HAQ-DI", "SF-36", "HLA-DR", "LN2-1",
                                  "nct02213705-2", "bm-msc-3"])
def test_a_number_or_a_short_name_stays_on_one_line_as_it_was_typed(code: str) -> None:
    assert str(whole(f"Of {code}, then")) == f'Of <span class="unbroken">{code}</span>, then'


@pytest.mark.parametrize("text", ["spindle-shaped", "10-layer stack", "follow-up", "D10",
                                  "A-VERY-LONG-NAME-OF-AN-INSTRUMENT-7", "<b>", ""])
def test_a_word_with_a_hyphen_may_be_broken_at_it(text: str) -> None:
    assert str(whole(text)) == str(escape(text))
