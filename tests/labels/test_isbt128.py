from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.isbt128 import check, din, expiry, message, product
from labels.isbt128.errors import FormatError

PUBLISHED = [("G123417654321", "A"), ("G123498654321", "H"), ("A999917123456", "9"),
             ("A999818123456", "N"), ("A999917345628", "*")]
dins = st.builds(din.make, st.from_regex(r"[A-NP-Z1-9][0-9]{4}", fullmatch=True),
                 st.integers(2000, 2099), st.integers(0, 999_999))
products = st.from_regex(r"[A-Z][A-Z0-9]{4}[A-Za-z0-9](00|[A-Z]0|[A-Z][a-z])", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize("text, expected", PUBLISHED)
def test_check_characters_are_the_published_ones(text, expected):
    assert check.check_character(text) == expected
    assert din.parse(text + expected).check == expected
    assert din.validate(f"{text[:5]} {text[5:7]}-{text[7:]} {expected}".lower()) == text
    assert check.is_valid(text + expected)


@pytest.mark.parametrize("text, position", [
    ("A999915123456N", 14), ("F123498654321H", 14), ("O999917123456", 1), ("0999917123456", 1),
    ("A99991712345", None), ("A99991712345678", None), ("", None), ("A9999171234O6", 12),
    ("A999917123456?", 14), ("=A99991712345600", None), ("A99991712345\u0665", 13)])
def test_wrong_donation_numbers_are_refused_where_they_go_wrong(text, position):
    with pytest.raises(FormatError) as refused:
        din.validate(text)
    assert refused.value.position == position
    assert not din.is_valid(text)


def test_no_wrong_character_passes_the_check_character():
    text = "A999917123456"
    signs = check.CHARACTERS[:36]
    passed = [w for i in range(13) for s in signs if s != text[i]
              and check.is_valid(w := text[:i] + s + text[i + 1:] + "9")]
    swapped = [w for i in range(12) if text[i] != text[i + 1] and check.is_valid(
        w := text[:i] + text[i + 1] + text[i] + text[i + 2:] + "9")]
    assert passed == [] and swapped == []


@pytest.mark.parametrize("text", ["", "a", "A*", "é"])
def test_a_check_character_is_not_made_up_for_other_signs(text):
    with pytest.raises(FormatError):
        check.check_character(text)


@given(dins)
def test_donation_numbers_come_back_from_every_spelling(number):
    parsed = din.parse(din.format(number))
    assert parsed.text == number
    assert din.validate(number + parsed.check) == number
    assert din.from_symbol(din.to_symbol(number, "0A")) == number


@pytest.mark.parametrize("data", ["A99991712345600", "=a99991712345600", "=A9999171234560 ",
                                  "&A99991712345600", "=A999917123456000"])
def test_a_scanned_donation_number_has_one_spelling(data):
    with pytest.raises(FormatError):
        din.from_symbol(data)


@pytest.mark.parametrize("facility, year, sequence", [
    ("A9999", 1999, 1), ("A9999", 2026, 1_000_000), ("A9999", 2026, -1), ("O9999", 2026, 1)])
def test_no_number_is_made_outside_its_range(facility, year, sequence):
    with pytest.raises(FormatError):
        din.make(facility, year, sequence)


@given(products)
def test_product_codes_come_back(code):
    parsed = product.parse(code)
    assert parsed.text == product.from_symbol(product.to_symbol(code)) == product.format(code)
    assert parsed.is_divided == (parsed.division != "00")


@pytest.mark.parametrize("text, position", [
    ("D0001X0", None), ("d0001X00", 1), ("D0001X0a", 7), ("D0001Xa0", 7), ("D0001XAA", 8),
    ("D0001X01", 8), ("D00-1X00", 4), ("D0001=00", 6)])
def test_wrong_product_codes_are_refused_where_they_go_wrong(text, position):
    with pytest.raises(FormatError) as refused:
        product.validate(text)
    assert refused.value.position == position
    assert not product.is_valid(text)


def test_a_scanned_product_code_begins_with_its_identifier():
    with pytest.raises(FormatError):
        product.from_symbol("&>D0001X00")


def test_the_published_expiry_is_read():
    found = expiry.parse("0183652359")
    assert (found.day, found.time) == (date(2018, 12, 31), time(23, 59))
    assert expiry.format("0183652359") == "2018-12-31 23:59"


@given(moments)
def test_expiries_come_back_to_the_minute(moment):
    text = expiry.make(moment)
    assert expiry.parse(expiry.from_symbol(expiry.to_symbol(text))).moment(UTC) == (
        moment.replace(second=0, microsecond=0))


@pytest.mark.parametrize("text, position", [
    ("9183652359", 1), ("0183662359", 4), ("0180002359", 4), ("0183652400", 7), ("0183651260", 7),
    ("018365235", None), ("01836523a9", 9), ("0203672359", 4)])
def test_wrong_expiries_are_refused_where_they_go_wrong(text, position):
    with pytest.raises(FormatError) as refused:
        expiry.validate(text)
    assert refused.value.position == position
    assert not expiry.is_valid(text)


def test_a_leap_year_has_one_day_more():
    assert expiry.parse("0203662359").day == date(2020, 12, 31)


def test_an_hour_that_comes_twice_or_never_gives_no_bag_an_hour_more():
    paris = ZoneInfo("Europe/Paris")
    twice = expiry.Expiry(date(2026, 10, 25), time(2, 30)).moment(paris)
    never = expiry.Expiry(date(2026, 3, 29), time(2, 30)).moment(paris)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert never == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), datetime(2100, 1, 1, tzinfo=UTC),
                                    datetime(1999, 1, 1, tzinfo=timezone(timedelta(hours=1)))])
def test_no_expiry_is_made_of_a_moment_it_cannot_say(moment):
    with pytest.raises(FormatError):
        expiry.make(moment)


@given(dins, products, moments)
def test_messages_come_back(number, code, moment):
    until = expiry.make(moment)
    data = message.make(din=number, product=code, expiry=until)
    assert data.startswith("=+03000=")
    assert message.parse(data) == message.Message("000", number, code, until)
    assert number[:5] in message.format(data)


GOOD = "=+02000=A99991712345600=<D0001X00"


@pytest.mark.parametrize("data", [
    GOOD[1:], "=+0200", "=+", "", GOOD + "X", GOOD[:-1], GOOD.replace("=+02", "=+03"),
    GOOD.replace("=+02", "=+01"), "=+00000", GOOD.replace("=+02", "=+2a"),
    "=+02000=A99991712345600=A99991712345600", "=+01000=%5100", "=+01000==A999917123456",
    GOOD.replace("=<", "=>"), GOOD.replace("D0001X00", "D0001X0a"), "=+01000" + "=" * 500,
    GOOD.replace("A9999", "O9999")])
def test_a_message_in_doubt_is_refused_whole(data):
    with pytest.raises(FormatError):
        message.parse(data)
    assert not message.is_valid(data)


def test_the_good_message_is_read_and_an_empty_one_is_not_made():
    assert message.validate(message.compact(GOOD)) == GOOD
    assert message.parse(GOOD) == message.Message("000", "A999917123456", "D0001X00")
    with pytest.raises(FormatError):
        message.make()


@given(st.text(max_size=60))
def test_no_text_makes_a_reader_fail_otherwise(text):
    for read in (din.validate, product.validate, expiry.validate, message.parse,
                 din.from_symbol, product.from_symbol, expiry.from_symbol):
        for data in (text, "=+01000" + text):
            try:
                read(data)
            except FormatError as refused:
                assert str(refused)
