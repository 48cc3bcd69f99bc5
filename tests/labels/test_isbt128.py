from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import keyboards
from labels.isbt128 import check, coi, din, expiry, message, product, tables
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
    ("A99991712345", 13), ("A99991712345678", 14), ("", 1), ("A9999171234O6", 12),
    ("A999917123456?", 14), ("=A99991712345600", 14), ("A99991712345\u0665", 13)])
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
    ("D0001X0", 8), ("d0001X00", 1), ("D0001X0a", 7), ("D0001Xa0", 7), ("D0001XAA", 8),
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
    ("018365235", 10), ("01836523a9", 9), ("0203672359", 4)])
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


cois = st.from_regex(r"CH[A-NP-Z1-9][0-9]{6}[0-9A-Z]{6}", fullmatch=True)


@given(cois)
def test_chain_of_identity_identifiers_come_back(text):
    assert coi.parse(coi.format(text).lower()).text == text
    assert coi.from_symbol(coi.to_symbol(text)) == text


@pytest.mark.parametrize("text, position", [
    ("CHA99992600AB1", 15), ("CA99992600AB12X", 1), ("CHO99992600AB12", 3),
    ("CHA9999X600AB12", 8), ("CHA99992600AB1*", 15)])
def test_wrong_chain_of_identity_identifiers_are_refused_where_they_go_wrong(text, position):
    with pytest.raises(FormatError) as refused:
        coi.validate(text)
    assert refused.value.position == position
    assert not coi.is_valid(text)


@given(dins, products, moments, cois)
def test_messages_come_back(number, code, moment, identity):
    until = expiry.make(moment)
    data = message.make(din=number, product=code, expiry=until, coi=identity)
    assert data.startswith("=+04000=")
    assert message.parse(data) == message.Message("000", number, code, until, identity)
    assert number[:5] in message.format(data)


@given(dins, products, moments)
def test_every_truncation_of_a_message_is_refused(number, code, moment):
    data = message.make(din=number, product=code, expiry=expiry.make(moment))
    for length in range(len(data)):
        with pytest.raises(FormatError):
            message.parse(data[:length])


@given(dins, st.sampled_from(["a French keyboard (AZERTY)", "a German keyboard (QWERTZ)"]))
def test_a_number_typed_for_another_keyboard_is_proposed_and_said(number, keyboard):
    whole = number + din.parse(number).check
    back = {after: before for before, after in keyboards.KEYBOARDS[keyboard].items()}
    typed = whole.translate(back)
    if typed != whole and not din.is_valid(typed):
        assert din.repair(typed) == (number, f"the scanner types for a US keyboard on {keyboard}")


def test_a_number_without_its_check_character_is_never_repaired():
    assert din.repair("Q&éàà") is None
    assert din.repair("Qçççç&è&é\"'(-") is None
    assert din.repair("A999917123456") is None


TABLE = "table,code,text\nproduct,D0001,Made-up cells\ncollection,X,made up\nfacility,A9999,Test\n"


def test_tables_come_from_the_operator_s_file(tmp_path):
    (tmp_path / "codes.csv").write_text(TABLE)
    found = tables.read(tmp_path / "codes.csv")
    assert found.describe("D0001XAa") == "Made-up cells, made up, division Aa"
    assert found.describe("D0002X00") == "made up"
    assert found.text("facility", "A9999") == "Test"
    assert tables.Tables().describe("D0001X00") == ""


@pytest.mark.parametrize("row, line", [
    ("product,D0001,again", 5), ("product,D01,short", 5), ("blood,X,no table", 5),
    ("product,D0003", 5), ("facility,O9999,letter O", 5), ("collection,?,sign", 5),
    ("product,D0003,  ", 5), ('product,"D0003,open', 6)])
def test_a_table_in_doubt_is_refused_at_its_line(tmp_path, row, line):
    (tmp_path / "codes.csv").write_text(TABLE + row + "\n")
    with pytest.raises(tables.TableError, match=f"^line {line}: "):
        tables.read(tmp_path / "codes.csv")


def test_a_table_with_other_columns_is_refused(tmp_path):
    (tmp_path / "codes.csv").write_bytes(b"code;text\n\xff")
    with pytest.raises(tables.TableError, match="line 1"):
        tables.read(tmp_path / "codes.csv")


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
