"""What was scanned: the thing, or what is wrong and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labels import housecode, signed
from labels.isbt128 import din, message, product
from labels.isbt128.check import check_character
from labels.keyboards import _FRENCH, _GERMAN, _US
from mscbank import clock
from mscbank.labelling import contents
from mscbank.labelling.rules import CopyState
from mscbank.labelling.service import current_copy
from mscbank.scanning import service
from mscbank.scanning.reading import Problem
from mscbank.settings import settings
from tests.cast import Cast
from tests.stages.bags import filled_lot, frozen_units
from tests.stages.cultures import counted_culture
from tests.stages.custody import issued_bag
from tests.stages.labelling import issued_labels, label_text, labelled_lot, reprinted


def test_a_house_code_leads_to_its_thing_with_state_and_place(bank):
    bag = issued_bag(Cast())
    found = service.look_up(bag.code)
    assert (found.thing, found.kind, found.copy, found.problem) == (bag, "bag", None, None)
    assert (found.state, found.where) == ("issued; lot certified", "Ward 3, room 12")


@pytest.mark.parametrize("typed", [str, str.lower, housecode.format,
                                   lambda code: f"{code}\r\n", lambda code: f" {code} "])
def test_a_code_may_be_typed_with_spaces_or_small_letters(bank, typed):
    lot = filled_lot(Cast())
    assert service.look_up(typed(lot.code)).thing is lot


@pytest.mark.parametrize(("stage", "state"), [
    (lambda cast: issued_labels(cast).copies[0].bag, CopyState.ISSUED),
    (lambda cast: labelled_lot(cast).bags[0], CopyState.APPLIED)])
def test_a_label_leads_to_its_bag_and_says_how_that_copy_stands(bank, stage, state):
    bag = stage(Cast())
    for text in (label_text(bag), current_copy(bag).content["signed"]):
        found = service.look_up(text)
        assert (found.thing, found.copy, found.copy_state, found.problem) == (bag, 1, state, None)


def test_an_old_label_says_stop_and_still_names_its_bag(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    content = current_copy(bag).content
    reprinted(cast, bag)
    for text in (content["code"], content["signed"]):
        found = service.look_up(text)
        assert (found.thing, found.problem) == (bag, Problem.OLD_LABEL)
        assert found.sentence.startswith("STOP: this copy was replaced on 02 MAR 2026 09:00 CET")


def test_the_isbt_symbol_of_the_label_names_one_bag_and_the_number_alone_the_harvest(bank):
    bag = filled_lot(Cast()).bags[1]
    number = bag.lot.harvest.din
    symbol = message.make(din=number, product=contents.product_of(bag))
    assert service.look_up(symbol).thing is bag
    for text in (din.to_symbol(number), number, number + din.parse(number).check):
        assert service.look_up(text).thing is bag.lot.harvest


def test_numbers_people_read_aloud_are_understood(bank):
    lot = filled_lot(Cast())
    donor = lot.harvest.donor
    for text, thing in ((lot.number, lot), (donor.number.lower(), donor),
                        (f" {donor.recipient.number} ", donor.recipient)):
        assert service.look_up(text).thing is thing


def _elsewhere_signed(bag):
    key = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    return _signed_by(bag, key, signed.key_id(key.public_key()), bag.lot.harvest.din)


def _forged(bag):
    key = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    return _signed_by(bag, key, next(iter(contents.public_keys())), bag.lot.harvest.din)


def _of_another_donation(bag):
    key = Ed25519PrivateKey.from_private_bytes(settings().signing_key)
    return _signed_by(bag, key, signed.key_id(key.public_key()), "A999926999999")


def _signed_by(bag, key, name, number):
    return signed.issue(signed.Facts(
        bag=bag.code, copy=1, din=number, recipient=bag.lot.harvest.donor.recipient.code,
        expiry=datetime(2027, 1, 1, tzinfo=UTC), key=name), key.sign)


@pytest.mark.parametrize(("text", "problem"), [
    (lambda bag: "", Problem.UNKNOWN),
    (lambda bag: "hello", Problem.UNKNOWN),
    (lambda bag: "x" * 401, Problem.UNKNOWN),
    (lambda bag: "\0\N{PILE OF POO}'; DROP TABLE bag", Problem.UNKNOWN),
    (lambda bag: housecode.new(housecode.Kind.BAG), Problem.OTHER_BANK),
    (lambda bag: bag.code[:-1], Problem.DAMAGED),
    (lambda bag: bag.code[1] + bag.code[0] + bag.code[2:], Problem.DAMAGED),
    (lambda bag: housecode.copy_text(bag.code, 7), Problem.UNKNOWN),
    (lambda bag: din.to_symbol("A999826000001"), Problem.OTHER_BANK),
    (lambda bag: "A999826000001", Problem.OTHER_BANK),
    (lambda bag: din.to_symbol("A999926999999"), Problem.UNKNOWN),
    (lambda bag: "=A9999", Problem.DAMAGED),
    (lambda bag: "&>0273222359", Problem.INCOMPLETE),
    (lambda bag: product.to_symbol("D00020Aa"), Problem.INCOMPLETE),
    (lambda bag: message.make(product="D00020Aa"), Problem.INCOMPLETE),
    (lambda bag: message.make(din=bag.lot.harvest.din, product="D00020Zz"), Problem.UNKNOWN),
    (_elsewhere_signed, Problem.OTHER_BANK),
    (_forged, Problem.FORGED),
    (_of_another_donation, Problem.FORGED),
    (lambda bag: _elsewhere_signed(bag)[:-3], Problem.DAMAGED),
    (lambda bag: "?Bà'(-è", Problem.KEYBOARD),
])
def test_what_leads_to_nothing_says_why(bank, text, problem):
    bag = filled_lot(Cast()).bags[0]
    found = service.look_up(text(bag))
    assert found.problem is problem
    assert found.sentence.endswith(".") and found.word == problem


def test_the_bar_code_of_a_medicine_is_not_said_to_be_a_donation(bank):
    medicine = service.look_up("3401560000123").sentence
    donation = service.look_up("A999826000001").sentence
    assert medicine.startswith("This is the number of an article, such as a medicine, or a donation")
    assert donation.startswith("This is a donation number of facility A9998")


def test_a_code_mangled_by_another_keyboard_is_proposed_and_never_taken(bank):
    bag = filled_lot(Cast()).bags[0]
    found = service.look_up(f"{bag.code[:8]}){bag.code[8:]}")  # a hyphen, typed for QWERTZ
    assert (found.thing, found.problem, found.proposal) == (None, Problem.KEYBOARD, bag.code)


FRENCH = str.maketrans(_US, _FRENCH)
GERMAN = str.maketrans(_US, _GERMAN)


@pytest.mark.parametrize("typed", [FRENCH, GERMAN, {}])
@pytest.mark.parametrize("caps", [False, True])
def test_a_donation_number_typed_for_another_keyboard_is_proposed(bank, typed, caps):
    harvest = filled_lot(Cast()).harvest
    number = harvest.din + check_character(harvest.din)
    text = (number.swapcase() if caps else number).translate(typed)
    if service.look_up(text).thing is harvest:
        return  # small letters are read as they are
    found = service.look_up(text)
    assert (found.thing, found.problem, found.proposal) == (None, Problem.KEYBOARD, harvest.din)
    assert service.look_up(found.proposal).thing is harvest


@pytest.mark.parametrize("typed", [FRENCH, GERMAN])
def test_a_large_code_typed_for_another_keyboard_proposes_the_small_one_of_that_copy(bank, typed):
    bag = labelled_lot(Cast()).bags[0]
    content = current_copy(bag).content
    found = service.look_up(content["signed"].translate(typed))
    assert (found.thing, found.problem, found.proposal) == (
        None, Problem.KEYBOARD, content["code"])


def test_a_large_code_typed_wrongly_and_cut_proposes_nothing(bank):
    content = current_copy(labelled_lot(Cast()).bags[0]).content
    found = service.look_up(content["signed"].translate(FRENCH)[:-2])
    assert (found.thing, found.proposal) == (None, None)


def test_what_speaks_against_a_bag_is_said(bank):
    bag = filled_lot(Cast()).bags[0]
    assert service.stops(bag, clock.now()) == (
        "Its lot is pending, not released.",
        "It has no label: issue or reprint it, and apply it.")
    assert any(sentence.startswith("It expired on")
               for sentence in service.stops(bag, bag.expires_at))
    assert service.stops(bag.lot, clock.now()) == ()


def test_an_expired_cryo_unit_says_so_when_it_is_scanned(bank):
    cast = Cast()
    unlimited = frozen_units(cast)[0]
    with clock.pinned(datetime(2026, 6, 15, 8, 0, tzinfo=UTC)):
        unit = frozen_units(cast, counted_culture(cast))[0]
    before = unit.expires_at - timedelta(microseconds=1)
    assert service.stops(unit, before) == service.stops(unlimited, unit.expires_at) == ()
    [said] = service.stops(unit, unit.expires_at)
    assert said == f"{unit.title} has expired: do not thaw it; destroy it."
