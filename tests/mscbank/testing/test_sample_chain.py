"""A sample's way: sent, received, used up or discarded; its label; and what may be tested when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.testing import register, results, samples
from mscbank.testing.models import LaboratoryKind, MoveKind, Sample, SampleMove
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.testing import HOSPITAL, SINCE, result_of, sample_of

HOUR = timedelta(hours=1)
OUTSIDE = "Eurofins"


def outside(cast: Cast) -> None:
    with transaction():
        register.add_laboratory(OUTSIDE, LaboratoryKind.CONTRACT, SINCE, by=cast.quentin,
                                at=clock.now())


def send(cast: Cast, sample: Sample, to: str = HOSPITAL, by: str = "theo", sent_at=None) -> Sample:
    with transaction():
        return samples.send_sample(sample, to, sent_at or clock.now(), "2-8 °C",
                                   by=getattr(cast, by), at=clock.now())


def receive(cast: Cast, sample: Sample, by: str = "theo", received_at=None) -> Sample:
    with transaction():
        return samples.receive_sample(sample, received_at or clock.now(), "Cool and dry",
                                      by=getattr(cast, by), at=clock.now())


def end(cast: Cast, sample: Sample, act=samples.discard_sample, by: str = "theo",
        ended_at=None) -> Sample:
    with transaction():
        return act(sample, ended_at or clock.now(), "Leaked.", by=getattr(cast, by),
                   at=clock.now())


def test_a_sample_is_sent_and_received_and_its_way_is_kept(bank):
    cast = Cast()
    sample = receive(cast, send(cast, sample_of(cast, filled_lot(cast))))
    assert [(move.kind, move.laboratory, move.condition) for move in sample.moves] == [
        (MoveKind.SENT, HOSPITAL, "2-8 °C"), (MoveKind.RECEIVED, HOSPITAL, "Cool and dry")]


def test_a_sample_under_way_is_not_sent_again_and_one_at_hand_not_received(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    with pytest.raises(WrongMoment, match="not on its way"):
        receive(cast, sample)
    send(cast, sample)
    with pytest.raises(WrongMoment, match="on its way to Hôpital"):
        send(cast, sample)
    receive(cast, sample)
    with pytest.raises(WrongMoment, match="not on its way"):
        receive(cast, sample)


def test_a_way_is_written_in_its_order(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    for wrong in (clock.now() - HOUR, clock.now() + HOUR):
        with pytest.raises(Malformed):
            send(cast, sample, sent_at=wrong)
    with clock.pinned(clock.now() + 2 * HOUR):
        send(cast, sample, sent_at=clock.now() - HOUR)
        with pytest.raises(Malformed, match="before it was sent"):
            receive(cast, sample, received_at=clock.now() - 2 * HOUR)


def test_a_sample_goes_only_to_a_laboratory_of_the_register(bank):
    cast = Cast()
    with pytest.raises(Malformed, match="no laboratory of the register"):
        send(cast, sample_of(cast, filled_lot(cast)), to="The kitchen")


@pytest.mark.parametrize("act", [samples.discard_sample, samples.use_up_sample])
def test_a_sample_that_is_gone_goes_nowhere(bank, act):
    cast = Cast()
    sample = end(cast, sample_of(cast, filled_lot(cast)), act)
    for again in (lambda: end(cast, sample), lambda: send(cast, sample),
                  lambda: receive(cast, sample)):
        with pytest.raises(AlreadyDone, match="take a new one"):
            again()


def test_a_sample_may_be_lost_on_its_way(bank):
    cast = Cast()
    sample = end(cast, send(cast, sample_of(cast, filled_lot(cast))))
    assert samples.gone(sample) == "discarded" and samples.under_way_to(sample) is None


@pytest.mark.parametrize("who", ["quentin", "paula", "nadia"])
def test_only_a_technician_moves_samples(bank, who):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    for act in (send, receive, end):
        with pytest.raises(NotAllowed):
            act(cast, sample, by=who)


def record(cast: Cast, sample: Sample, laboratory: str, performed_at):
    with transaction():
        return results.record_result(
            sample, "viability", "Dye exclusion", laboratory, performed_at, Decimal(95), "%",
            by=cast.theo, at=clock.now())


def test_an_outside_laboratory_tests_what_it_has_received(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    outside(cast)
    with pytest.raises(WrongMoment, match="was not received by Eurofins"):
        record(cast, sample, OUTSIDE, clock.now())
    send(cast, sample, OUTSIDE)
    with pytest.raises(WrongMoment, match="was not received by Eurofins"):
        record(cast, sample, OUTSIDE, clock.now())
    with clock.pinned(clock.now() + 3 * HOUR):
        receive(cast, sample, received_at=clock.now() - HOUR)
        with pytest.raises(Malformed, match="before the receipt of the sample by Eurofins"):
            record(cast, sample, OUTSIDE, clock.now() - 2 * HOUR)
        assert record(cast, sample, OUTSIDE, clock.now() - HOUR).laboratory == OUTSIDE


def test_what_went_to_one_laboratory_is_not_tested_by_another_outside(bank):
    cast = Cast()
    sample = receive(cast, send(cast, sample_of(cast, filled_lot(cast))))
    outside(cast)
    with pytest.raises(WrongMoment, match="was not received by Eurofins"):
        record(cast, sample, OUTSIDE, clock.now())


def test_a_sample_that_is_gone_gives_only_results_begun_before(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    pending = result_of(cast, sample, "sterility", pending=True)
    begun = clock.now()
    with clock.pinned(begun + 2 * HOUR):
        end(cast, sample, ended_at=begun + HOUR)
        with pytest.raises(Malformed, match="was discarded before this test was begun"):
            record(cast, sample, HOSPITAL, clock.now())
        assert record(cast, sample, HOSPITAL, begun).value == 95
        with transaction():
            came = results.correct_result(pending, "Came back.", word="no growth", by=cast.theo,
                                          at=clock.now())
        assert came.word == "no growth"


@pytest.mark.parametrize(("kind", "words"), [
    ("received", {"laboratory": HOSPITAL, "condition": "cool"}),
    ("sent", {"laboratory": HOSPITAL}), ("sent", {"condition": "cool"}),
    ("discarded", {}), ("discarded", {"reason": "x", "laboratory": HOSPITAL}),
])
def test_the_database_itself_refuses_a_way_that_cannot_be(bank, kind, words):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    with pytest.raises(DBAPIError), transaction() as under_way:
        session.execute(sa.insert(SampleMove.__table__).values(
            sample_id=sample.id, kind=kind, moved_at=clock.now(), recorded_by_id=cast.theo.id,
            recorded_at=clock.now(), entry=under_way.sequence + 1, **words))


def test_the_database_itself_refuses_a_result_of_a_sample_that_was_gone(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    result = result_of(cast, sample, "viability")
    end(cast, sample)
    columns = {column.key: getattr(result, column.key)
               for column in sa.inspect(type(result)).column_attrs if column.key != "id"}
    with pytest.raises(DBAPIError, match="gone"), transaction() as under_way:
        session.execute(sa.insert(type(result).__table__).values(
            columns | {"code": "RTBBBBBBBBBBBBBBBBBB", "performed_at": clock.now() + HOUR,
                       "entry": under_way.sequence + 1}))
