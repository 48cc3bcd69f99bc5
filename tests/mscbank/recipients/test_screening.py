"""Screening failures, and waivers where the protocol allows them."""

from importlib.resources import files

import pytest

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, Refused, Unfit, WrongMoment
from mscbank.recipients import eligibility, service
from mscbank.recipients.models import ScreeningFailure
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal
from specs import shelf
from tests.cast import Cast
from tests.specs.shelves import put
from tests.stages.recipients import allocated_recipient, assess, consenting_recipient, today


@pytest.fixture
def cast(bank):
    return Cast()


def allocate(cast, recipient):
    with transaction():
        return service.allocate(recipient, by=cast.paula, at=clock.now())


def screen_out(cast, recipient, why="The skin is too good."):
    with transaction():
        return eligibility.screen_out(recipient, today(), why, by=cast.paula, at=clock.now())


def test_a_screening_failure_is_kept_and_ends_the_screening(cast):
    recipient = consenting_recipient(cast)
    assess(cast, recipient, mrss=12)
    failure = screen_out(cast, recipient)
    assert (failure.failing, failure.ended_on) == (["mrss"], today())
    for again in (lambda: assess(cast, recipient), lambda: allocate(cast, recipient),
                  lambda: screen_out(cast, recipient)):
        with pytest.raises(AlreadyDone, match="ended without a place"):
            again()


def test_who_has_a_place_is_not_screened_out(cast):
    with pytest.raises(AlreadyDone, match="has place 1"):
        screen_out(cast, allocated_recipient(cast))


def test_the_database_keeps_places_and_screening_failures_apart(cast):
    recipient = allocated_recipient(cast)
    with pytest.raises(Exception, match="has a place"), transaction():
        session.add(ScreeningFailure(recipient_id=recipient.id, ended_on=today(), why="x",
                                     failing=[], recorded_by_id=cast.paula.id,
                                     recorded_at=clock.now()))
        session.flush()


def waive(cast, recipient, criterion="mrss", reason="Fourteen is near enough."):
    seal = Seal(cast.paula.id, Meaning.CRITERION_WAIVED, chain.digest(
        eligibility.waiver_record(recipient, criterion, reason)))
    with transaction():
        return eligibility.waive(recipient, criterion, reason, seal=seal, by=cast.paula,
                                 at=clock.now())


def test_no_waiver_where_the_protocol_allows_none(cast):
    recipient = consenting_recipient(cast)
    assess(cast, recipient, mrss=14)
    with pytest.raises(Unfit, match="nct02213705-2 allows no waiver"):
        waive(cast, recipient)


@pytest.fixture
def lenient(tmp_path):
    """The control: the same trial, where its protocol allows waivers."""
    text = (files("specs") / "protocols/nct02213705-2.toml").read_text()
    text = text.replace('name = "nct02213705"', 'name = "lenient"').replace(
        "waivers_allowed = { is = false", "waivers_allowed = { is = true")
    put(tmp_path, "protocols", "lenient-2", text)
    with shelf.beside(tmp_path):
        yield "lenient-2"


def test_where_the_protocol_allows_it_a_physician_waives_and_signs(cast, lenient):
    recipient = consenting_recipient(cast, protocol=lenient)
    assess(cast, recipient, mrss=14)
    with pytest.raises(Unfit):
        allocate(cast, recipient)
    with pytest.raises(WrongMoment, match="nothing to waive"):
        waive(cast, recipient, "comorbidity")
    with pytest.raises(Malformed, match="has no criterion"):
        waive(cast, recipient, "height")
    with pytest.raises(Refused, match="must be signed"), transaction():
        eligibility.waive(recipient, "mrss", "Near.", seal=None, by=cast.paula, at=clock.now())
    given = waive(cast, recipient)
    assert session.get_one(Signature, given.signature_id).role == "physician"
    with pytest.raises(AlreadyDone, match="waived already"):
        waive(cast, recipient)
    assert allocate(cast, recipient).number == 1
