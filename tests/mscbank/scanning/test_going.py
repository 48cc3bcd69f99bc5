"""How scanning goes: ways around the check are seen and shown, and nobody is stopped by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from labels import housecode
from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import db, session, transaction
from mscbank.permissions import Role
from mscbank.scanning import service as scanning
from mscbank.scanning.going import rules, service
from mscbank.scanning.going.rules import BAG, BAND, Read, Sign, Stay
from mscbank.scanning.scanners.service import TEST, try_scanner
from tests.cast import Cast
from tests.stages.custody import issue, issuable_lot, receive
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHONE, CART = "B" * 16, "C" * 16
MINUTES, MOMENT = timedelta(minutes=15), timedelta(seconds=2)


def read(seconds: float, kind: str = BAND, code: str = "PX1", **how: object) -> Read:
    """A code read at a bedside so many seconds after nine."""
    about = {"device": PHONE, "place": "ward 3", "bedside": True} | how
    return Read(AT + timedelta(seconds=seconds), kind, code, **about)


# --- the rules ----------------------------------------------------------------------------------

def test_one_wristband_at_two_places_within_minutes_is_a_sign():
    first, then = read(0), read(600, device=CART, place="ward 4")
    (sign,) = rules.two_places([then, first], MINUTES)
    assert (sign.sign, sign.codes) == (Sign.TWO_PLACES, ("PX1",))
    assert sign.said.startswith("The same wristband was read at ward 3 and 10 min later at ward 4")


@pytest.mark.parametrize("then", [
    read(600, device=CART),                                    # two phones at one bed
    read(600, device=CART, place="WARD 3"),                    # the same place in capitals
    read(600, device=CART, place=""),                          # a device nobody placed
    read(901, device=CART, place="ward 4"),                    # the person was moved meanwhile
    read(600, device=PHONE, place="ward 4"),                   # the device was moved
    read(600, device=CART, place="ward 4", code="PX2"),        # another person's band
    read(600, device=CART, place="ward 4", bedside=False),     # looked up at a desk
    read(600, device=CART, place="ward 4", kind=BAG)])
def test_what_happens_at_every_ward_is_no_sign_of_a_copy(then):
    assert rules.two_places([read(0), then], MINUTES) == []


def checks(apart: list[float], **how: object) -> list[Read]:
    """Checks a quarter of an hour from one another, band and bag so many seconds apart."""
    return [one for number, gap in enumerate(apart) for one in (
        read(900 * number, **how), read(900 * number + gap, BAG, f"BX{number}", **how))]


def test_band_and_bag_within_a_moment_on_most_checks_of_a_device_is_a_sign():
    (sign,) = rules.quick(checks([1, 1.9, 1, 6, 7]), MOMENT)
    assert sign.said.startswith("On 3 of 5 checks of the device at ward 3 band and bag were read "
                                "less than 2 s apart")
    assert sign.codes == ("BX0", "BX1", "BX2") and rules.pairs_of(checks([1, 6])) == 2


@pytest.mark.parametrize("reads", [
    checks([1, 1, 6, 6, 2]),                       # two seconds are not less than two; two of five
    checks([1, 1, 1, 1]),                          # too few checks to say "most"
    checks([1] * 5, typed=True), checks([1] * 5, bedside=False), checks([1] * 5, device="")])
def test_few_slow_or_typed_checks_are_no_sign(reads):
    assert rules.quick(reads, MOMENT) == []


def test_the_second_persons_scans_on_a_phone_handed_over_make_a_check_of_their_own():
    """Band, bag, band, bag: the bag and the band in the middle are no pair."""
    handed = [read(0), read(5, BAG, "BX1"), read(6), read(11, BAG, "BX1")]
    assert rules.pairs_of(handed) == 2
    assert rules.quick(handed * 3, MOMENT) == []


def test_two_peoples_bands_within_seconds_on_one_device_are_a_sheet_of_copies():
    assert [one.codes for one in rules.in_a_row([read(0), read(4, code="PX2")])] == [("PX1", "PX2")]
    for then in (read(10, code="PX2"), read(4), read(4, code="PX2", device=CART),
                 read(4, code="PX2", failed=True)):
        assert rules.in_a_row([read(0), then]) == []


def test_a_bag_scanned_at_a_bedside_before_a_ward_took_it_over_is_a_sign():
    here = {"BX1": [Stay(AT, AT + timedelta(hours=1))], "BX2": [Stay(None, None)]}
    bag = {"kind": BAG, "code": "BX1"}
    assert rules.ahead([read(0, **bag), read(3599, **bag)], here) == []
    for one in (read(-1, **bag), read(3600, **bag), read(0, BAG, "BX2"), read(0, BAG, "BX3")):
        assert [sign.codes for sign in rules.ahead([one], here)] == [(one.code,)]
    assert rules.ahead([read(-1, **bag, bedside=False)], here) == []  # looked up in the laboratory


def test_a_share_is_loud_only_with_enough_codes_and_too_many_typed():
    reads = [read(n, BAG, typed=n < 2) for n in range(10)]
    (share,) = rules.shares(reads, lambda one: "printer 1")
    assert (share.part, share.whole, share.percent) == (2, 10, 20) and share.loud(20)
    assert not share.loud(21)
    assert not rules.Share("", 9, 9).loud(20)  # nine of nine are still too few to say
    assert rules.Share("", 0, 0).percent == 0


# --- the log ------------------------------------------------------------------------------------

def scan(cast: Cast, text: str, *, device: str = PHONE, at: datetime | None = None,
         how: str = "scanner", answer: str = "bag") -> None:
    scanning.log(text, answer, cast.nadia.id, at or clock.now(), how=how, device=device,
                 bedside=True)


def looked(sign: Sign, at: datetime | None = None) -> service.Looked:
    session.rollback()  # the log is written on a connection of its own
    return next(one for one in service.going(at or clock.now()).signs if one.sign is sign)


def test_a_band_read_on_two_wards_is_found_in_the_log(bank):
    cast, at = Cast(), clock.now()
    band = bedside(cast).band.code
    for device, place in ((PHONE, "ward 3"), (CART, "ward 4")):
        try_scanner(TEST, "blue", place, device, cast.nadia.id, at - timedelta(hours=1))
        scan(cast, band, device=device, at=at, answer="wristband")
    scan(cast, band, device="D" * 16, at=at, answer="wristband")
    one = looked(Sign.TWO_PLACES)
    assert (one.count, one.of, one.loud) == (1, 2, False)  # one sign is not worth a notice
    assert one.found[0].codes == (band,)
    assert service.going(clock.now()).bands_placed == rules.Share("", 2, 3)
    assert looked(Sign.TWO_PLACES, at + timedelta(days=31)).of == 0


def test_where_a_device_stood_counts_as_it_was_then(bank):
    """A cart that was tried on another ward afterwards was not there before."""
    cast, at = Cast(), clock.now()
    band = bedside(cast).band.code
    for device in (PHONE, CART):
        try_scanner(TEST, "blue", "ward 3", device, cast.nadia.id, at - timedelta(hours=1))
        scan(cast, band, device=device, at=at, answer="wristband")
    try_scanner(TEST, "blue", "ward 4", CART, cast.nadia.id, at + timedelta(hours=1))
    assert looked(Sign.TWO_PLACES, at + timedelta(hours=2)).count == 0


def test_a_bag_scanned_on_its_way_is_found_and_one_taken_over_is_not(bank):
    cast = Cast()
    early, fine = issuable_lot(cast).bags[:2]
    for bag in (early, fine):
        issue(cast, bag)
    receive(cast, fine)
    for bag in (early, fine):
        scan(cast, label_text(bag))
    one = looked(Sign.AHEAD)
    assert (one.count, one.of) == (1, 2) and one.found[0].codes == (early.code,)


def test_typed_codes_are_counted_of_all_codes_by_printer_ward_and_place(bank):
    cast, at = Cast(), clock.now()
    beside = bedside(cast)
    text, ward = label_text(beside.bag), beside.bag.journeys[-1].destination
    for how in ("scanner", "keyed", "keyed"):
        scan(cast, housecode.format(text), how=how)  # typed in groups: the same code
    scan(cast, "BXBB", answer="damaged")
    session.rollback()
    made = service.going(at)
    assert (made.scans, made.answers) == (4, [("damaged", 1)])
    assert made.labels == [(housecode.format(text), 2)]
    assert made.wards == [rules.Share(ward, 2, 3)]
    assert [(share.part, share.whole) for share in made.printers] == [(2, 3)]
    assert made.devices == [rules.Share("", 3, 4)]


def test_quality_and_coordinators_are_told_once_in_thirty_days(bank):
    cast, at = Cast(), clock.now()
    text = label_text(bedside(cast).bag)
    for number in range(10):
        scan(cast, text, how="keyed" if number < 1 else "scanner")
    session.rollback()
    assert not service.due(at)  # the control: one typed code of ten is what happens
    scan(cast, text, how="keyed"), scan(cast, text, how="keyed")
    session.rollback()
    assert service.due(at)
    with transaction():
        assert service.tell(at=at) == 3  # the printer, the ward, the place
    told = session.execute(sa.select(Alert.role, Alert.sentence)).all()
    assert {row.role for row in told} == {Role.QUALITY, Role.COORDINATOR} and len(told) == 2
    assert "3 figures of how codes are scanned" in told[0].sentence
    for later, again in ((29, False), (31, False)):
        assert service.due(at + timedelta(days=later)) is again
    with transaction():
        assert service.tell(at=at + timedelta(days=29)) == 0
    for _ in range(10):
        scan(cast, text, how="keyed", at=at + timedelta(days=31))
    session.rollback()
    assert service.due(at + timedelta(days=31))  # a new period


def test_the_page_costs_as_many_questions_whatever_was_scanned(bank):
    cast = Cast()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute",
                 lambda *seen: asked.append(seen[2]), named=False)
    lot, costs = issuable_lot(cast), []
    for bags in (lot.bags[:1], lot.bags[1:]):
        for bag in bags:
            scan(cast, label_text(bag), how="keyed")
        session.rollback()
        asked.clear()
        service.going(clock.now())
        costs.append(len([one for one in asked if one.startswith("SELECT")]))
    assert costs == [4, 4]
