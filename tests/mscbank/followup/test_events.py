"""Adverse events, both opinions on their cause, and the stopping rule."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, RecordChanged, Refused, WrongMoment
from mscbank.followup import event_rules as rules
from mscbank.followup import events, service
from mscbank.followup.event_rules import EventFacts
from mscbank.followup.models import (
    Action,
    AdverseEvent,
    Cause,
    Ended,
    Expectedness,
    Opinion,
    Outcome,
    Seriousness,
    Side,
)
from mscbank.permissions import Role
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs import shelf
from specs.protocol import StoppingRule
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient, news, opinion, serious_event
from tests.stages.recipients import consenting_recipient, enrolled_recipient

PROTOCOL = shelf.protocol("nct02213705-2")


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
                    seriousness=[Seriousness.HOSPITALISATION])
    assert (severe.now.grade, severe.now.serious) == (3, False)
    assert serious.now.seriousness == [Seriousness.HOSPITALISATION]
    assert severe.ctcae_version == PROTOCOL.safety.ctcae_version
    assert [sentence.startswith("Serious adverse event in R-001: Fever")
            for sentence in alerts(Role.PHYSICIAN)] == [True]
    assert serious.title == "Fever, grade 2"


def test_death_is_grade_five_serious_and_fatal_or_none_of_them(cast) -> None:
    recipient = consenting_recipient(cast)
    dead, fatal = [Seriousness.DEATH, Seriousness.HOSPITALISATION], Outcome.FATAL
    for different in ({"grade": 5}, {"seriousness": dead}, {"outcome": fatal},
                      {"grade": 5, "seriousness": dead}, {"grade": 5, "outcome": fatal},
                      {"grade": 4, "seriousness": dead, "outcome": fatal},
                      {"grade": 0}, {"grade": 6}, {"term": " "}):
        with pytest.raises(Malformed):
            event(cast, recipient, **different)
    assert event(cast, recipient, grade=5, seriousness=dead, outcome=fatal).now.grade == 5


def test_events_count_from_the_consent_and_not_in_the_future(cast) -> None:
    with pytest.raises(WrongMoment, match="not consented"):
        event(cast, enrolled_recipient(cast))
    recipient = consenting_recipient(cast, name="Rose Petit")
    with pytest.raises(Malformed, match="before the recipient's consent"):
        event(cast, recipient, onset_at=START - timedelta(days=1))
    with pytest.raises(Malformed, match="future"):
        event(cast, recipient, onset_at=START + timedelta(seconds=1))
    with pytest.raises(NotAllowed), transaction():
        events.report_event(recipient, "Fever", 1, START, Outcome.RECOVERED, by=cast.nadia,
                            at=START)


def test_after_the_end_only_what_began_before_is_taken_up(cast, person) -> None:
    end = START + timedelta(days=100)
    with clock.pinned(end):
        with transaction():
            service.end_follow_up(person, end.date(), Ended.COMPLETED, "Two years.",
                                  by=cast.carole, at=end)
        assert event(cast, person, onset_at=START + timedelta(days=1)).code
    with clock.pinned(end + timedelta(days=2)), pytest.raises(AlreadyDone, match="ended on"):
        event(cast, person)


def test_both_opinions_stand_side_by_side(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED)
    assert [(said.side, said.cause) for said in about.opinions] == [
        (Side.INVESTIGATOR, Cause.RELATED), (Side.SPONSOR, Cause.NOT_RELATED)]
    assert events.related(about.opinions) is True


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
    assert events.latest_opinion(about, Side.INVESTIGATOR).cause is Cause.NOT_RELATED
    assert events.related(about.opinions) is False


def test_each_side_speaks_for_itself_and_signs(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    with pytest.raises(NotAllowed), transaction():
        events.investigator_opinion(about, Cause.RELATED, seal=None, by=cast.carole, at=START)
    with pytest.raises(NotAllowed), transaction():
        events.sponsor_opinion(about, Cause.RELATED, Expectedness.EXPECTED, seal=None,
                               by=cast.paula, at=START)
    with pytest.raises(Refused, match="must be signed"), transaction():
        events.investigator_opinion(about, Cause.RELATED, seal=None, by=cast.paula, at=START)
    stale = Seal(cast.paula.id, Meaning.CAUSE_JUDGED, "0" * 64)
    with pytest.raises(RecordChanged), transaction():
        events.investigator_opinion(about, Cause.RELATED, seal=stale, by=cast.paula, at=START)
    assert session.scalar(sa.select(sa.func.count(Opinion.id))) == 0


def test_the_stopping_rule_alerts_and_an_opinion_may_end_it(cast, person) -> None:
    about = event(cast, person, term="Anaphylaxis", grade=4,
                  seriousness=[Seriousness.LIFE_THREATENING])
    assert any("meets the stopping rule" in said for said in alerts(Role.QUALITY))
    assert events.pausing_events(PROTOCOL) == [about]
    opinion(cast, about, Side.INVESTIGATOR, Cause.NOT_RELATED)
    assert events.pausing_events(PROTOCOL) == []
    opinion(cast, about, Side.SPONSOR, Cause.RELATED)
    assert events.pausing_events(PROTOCOL) == [about]
    assert len(alerts(Role.QUALITY)) == 1, "the trial is paused by this event already"


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


# --- the term, and what becomes known -----------------------------------------------------------

def test_an_event_is_named_by_the_list_or_in_words(cast) -> None:
    recipient = consenting_recipient(cast)
    told = event(cast, recipient, term="Other, specify", other="Digital ulcer reopened")
    assert (told.term, told.named, told.title) == (
        "Other, specify", "Digital ulcer reopened", "Digital ulcer reopened, grade 1")
    for term, other, sentence in (("A bad day", None, "no such term"),
                                  ("Other, specify", "  ", "in words"),
                                  ("Fever", "Hot", "A term was chosen"),
                                  ("Other, specify", "Fever", "is a term of the list")):
        with pytest.raises(Malformed, match=sentence):
            event(cast, recipient, term=term, other=other)


def test_a_version_of_ctcae_without_a_list_takes_words_only() -> None:
    assert rules.named("2.0", "Other, specify", "Fever") == ("Other, specify", "Fever")
    with pytest.raises(Malformed, match="no such term"):
        rules.named("2.0", "Fever", None)


def test_what_becomes_known_is_a_further_version_and_the_first_stays(cast) -> None:
    about = serious_event(cast, consenting_recipient(cast), narrative="Fever since the morning.")
    with clock.pinned(START + timedelta(days=3)):
        news(cast, about, outcome=Outcome.RECOVERED, ended_at=START + timedelta(days=2))
        with pytest.raises(AlreadyDone, match="differs"):
            news(cast, about, ended_at=START + timedelta(days=2))
        with pytest.raises(Malformed, match="ends before it began"):
            news(cast, about, ended_at=START - timedelta(days=1))
        with pytest.raises(Malformed, match="has no end yet"):
            news(cast, about, outcome=Outcome.ONGOING, ended_at=START)
    first, second = about.information
    assert (first.outcome, second.outcome) == (Outcome.ONGOING, Outcome.RECOVERED)
    assert second.narrative == "Fever since the morning." and about.now is second
    assert (first.what_is_new, second.what_is_new) == (None, "A letter of the hospital.")


def test_what_becomes_serious_later_alerts_then(cast) -> None:
    about = event(cast, consenting_recipient(cast), term="Fever", grade=2)
    assert alerts(Role.PHYSICIAN) == []
    news(cast, about, seriousness=[Seriousness.IMPORTANT, Seriousness.HOSPITALISATION])
    assert len(alerts(Role.PHYSICIAN)) == 1
    news(cast, about, action=Action.WITHHELD)
    assert len(alerts(Role.PHYSICIAN)) == 1


def test_the_sponsor_downgrades_nothing(cast, person) -> None:
    """Both opinions stay to be read, and one that says related is enough, whoever says it."""
    about = serious_event(cast, person)
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED)
    assert events.related(about.opinions) is True
    assert [said.cause for said in about.opinions] == [Cause.RELATED, Cause.NOT_RELATED]


def test_the_sponsor_may_change_expectedness_alone_and_says_why(cast) -> None:
    about = event(cast, consenting_recipient(cast))
    opinion(cast, about, Side.SPONSOR, Cause.RELATED)
    with pytest.raises(AlreadyDone, match="related and unexpected"):
        opinion(cast, about, Side.SPONSOR, Cause.RELATED)
    opinion(cast, about, Side.SPONSOR, Cause.RELATED, "Now in the brochure.", Expectedness.EXPECTED)
    assert [said.expectedness for said in about.opinions] == ["unexpected", "expected"]


def test_the_investigator_knows_after_it_began(cast) -> None:
    recipient = consenting_recipient(cast)
    with clock.pinned(START + timedelta(hours=5)):
        with pytest.raises(Malformed, match="have known before"):
            event(cast, recipient, onset_at=START + timedelta(hours=2),
                  known_at=START + timedelta(hours=1))
        assert event(cast, recipient, onset_at=START).known_at == START + timedelta(hours=5)


@pytest.mark.parametrize("statement", [
    "UPDATE event_information SET grade = 1", "UPDATE adverse_event SET term = 'Fever'",
    "UPDATE opinion SET cause = 'not related'", "DELETE FROM event_information"])
def test_the_database_itself_overwrites_nothing_of_an_event(cast, statement) -> None:
    about = serious_event(cast, consenting_recipient(cast))
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        session.execute(sa.text(statement))
    assert session.get_one(AdverseEvent, about.id).now.grade == 3
