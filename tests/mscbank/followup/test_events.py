"""Adverse events, both opinions on their cause, and the stopping rule."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, RecordChanged, Refused, WrongMoment
from mscbank.followup import rules, service
from mscbank.followup.models import Cause, Opinion, Outcome, Seriousness, Side
from mscbank.followup.rules import EventFacts
from mscbank.permissions import Role
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs import shelf
from specs.protocol import StoppingRule
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient, opinion
from tests.stages.recipients import consenting_recipient, enrolled_recipient

PROTOCOL = shelf.protocol("nct02213705-1")


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def person(cast: Cast) -> Recipient:
    return infused_recipient(cast)


def alerts(role: Role) -> list[str]:
    return list(session.scalars(sa.select(Alert.sentence).where(Alert.role == role)))


def test_serious_and_severe_are_two_things(cast) -> None:
    recipient = consenting_recipient(cast)
    severe = event(cast, recipient, term="Skin ulceration", grade=3)
    serious = event(cast, recipient, term="Fever", grade=2,
                    seriousness=Seriousness.HOSPITALISATION)
    assert (severe.grade, severe.seriousness) == (3, Seriousness.NOT_SERIOUS)
    assert severe.ctcae_version == PROTOCOL.safety.ctcae_version
    assert [sentence.startswith("Serious adverse event in R-001: Fever")
            for sentence in alerts(Role.PHYSICIAN)] == [True]
    assert serious.title == "Fever, grade 2"


def test_death_is_grade_five_serious_and_fatal_or_none_of_them(cast) -> None:
    recipient = consenting_recipient(cast)
    dead, fatal = Seriousness.DEATH, Outcome.FATAL
    for different in ({"grade": 5}, {"seriousness": dead}, {"outcome": fatal},
                      {"grade": 5, "seriousness": dead}, {"grade": 5, "outcome": fatal},
                      {"grade": 4, "seriousness": dead, "outcome": fatal},
                      {"grade": 0}, {"grade": 6}, {"term": " "}):
        with pytest.raises(Malformed):
            event(cast, recipient, **different)
    assert event(cast, recipient, grade=5, seriousness=dead, outcome=fatal).grade == 5


def test_events_count_from_the_consent_and_not_in_the_future(cast) -> None:
    with pytest.raises(WrongMoment, match="not consented"):
        event(cast, enrolled_recipient(cast))
    recipient = consenting_recipient(cast, name="Rose Petit")
    with pytest.raises(Malformed, match="before the recipient's consent"):
        event(cast, recipient, onset_at=START - timedelta(days=1))
    with pytest.raises(Malformed, match="future"):
        event(cast, recipient, onset_at=START + timedelta(seconds=1))
    with pytest.raises(NotAllowed), transaction():
        service.report_event(recipient, "Fever", 1, Seriousness.NOT_SERIOUS, START,
                             Outcome.RECOVERED, by=cast.nadia, at=START)


def test_after_the_end_only_what_began_before_is_taken_up(cast, person) -> None:
    end = START + timedelta(days=100)
    with clock.pinned(end):
        with transaction():
            service.end_follow_up(person, end.date(), "Completed.", by=cast.carole, at=end)
        assert event(cast, person, onset_at=START + timedelta(days=1)).code
    with clock.pinned(end + timedelta(days=2)), pytest.raises(AlreadyDone, match="ended on"):
        event(cast, person)


def test_both_opinions_stand_side_by_side(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED)
    assert [(said.side, said.cause) for said in about.opinions] == [
        (Side.INVESTIGATOR, Cause.RELATED), (Side.SPONSOR, Cause.NOT_RELATED)]
    assert service.related(about.opinions) is True


def test_a_changed_mind_is_a_further_row_with_its_reason(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    with pytest.raises(AlreadyDone):
        opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    for reason in (None, "  "):
        with pytest.raises(Malformed, match="Say why"):
            opinion(cast, about, Side.INVESTIGATOR, Cause.NOT_RELATED, reason)
    opinion(cast, about, Side.INVESTIGATOR, Cause.NOT_RELATED, "It came back before a meal.")
    assert len(about.opinions) == 2
    assert service.latest_opinion(about, Side.INVESTIGATOR).cause is Cause.NOT_RELATED
    assert service.related(about.opinions) is False


def test_each_side_speaks_for_itself_and_signs(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    with pytest.raises(NotAllowed), transaction():
        service.investigator_opinion(about, Cause.RELATED, seal=None, by=cast.carole, at=START)
    with pytest.raises(NotAllowed), transaction():
        service.sponsor_opinion(about, Cause.RELATED, seal=None, by=cast.paula, at=START)
    with pytest.raises(Refused, match="must be signed"), transaction():
        service.investigator_opinion(about, Cause.RELATED, seal=None, by=cast.paula, at=START)
    stale = Seal(cast.paula.id, Meaning.CAUSE_JUDGED, "0" * 64)
    with pytest.raises(RecordChanged), transaction():
        service.investigator_opinion(about, Cause.RELATED, seal=stale, by=cast.paula, at=START)
    assert session.scalar(sa.select(sa.func.count(Opinion.id))) == 0


def test_the_stopping_rule_alerts_and_an_opinion_may_end_it(cast, person) -> None:
    about = event(cast, person, term="Anaphylaxis", grade=4,
                  seriousness=Seriousness.LIFE_THREATENING)
    assert any("meets the stopping rule" in said for said in alerts(Role.QUALITY))
    assert service.pausing_events(PROTOCOL) == [about]
    opinion(cast, about, Side.INVESTIGATOR, Cause.NOT_RELATED)
    assert service.pausing_events(PROTOCOL) == []
    opinion(cast, about, Side.SPONSOR, Cause.RELATED)
    assert service.pausing_events(PROTOCOL) == [about]
    assert len(alerts(Role.QUALITY)) == 2


INFUSED = datetime.fromisoformat("2026-03-02T11:00+01:00")


@pytest.mark.parametrize("grade, onset, related, only, pauses", [
    (3, INFUSED, None, True, True), (3, INFUSED, True, True, True),
    (3, INFUSED, False, True, False), (2, INFUSED, True, True, False),
    (3, INFUSED - timedelta(seconds=1), True, True, False),
    (3, INFUSED + timedelta(days=10, hours=12), True, True, True),
    (3, INFUSED + timedelta(days=11), True, True, False),
    (3, INFUSED + timedelta(days=400), False, False, True), (2, INFUSED, True, False, False)])
def test_the_stopping_rule(grade: int, onset: datetime, related: bool | None, only: bool,
                           pauses: bool) -> None:
    facts = EventFacts(grade, onset, INFUSED, related)
    assert rules.pauses(StoppingRule(3, only), 10, facts) is pauses


def test_what_was_never_infused_pauses_nothing() -> None:
    assert not rules.pauses(StoppingRule(3, True), 10, EventFacts(4, INFUSED, None, None))
