"""What is done about a deviation, act by act, until it may be closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import service as accounts
from mscbank.audit.service import record
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    RecordChanged,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.permissions import Actor
from mscbank.release import capa, rules, stops
from mscbank.release.models import (
    Action,
    ActionKind,
    Classification,
    Deviation,
    DeviationInvestigation,
    Severity,
)
from mscbank.release.record import covered
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.conftest import START
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.deviations import (
    INVESTIGATION,
    add_action,
    close,
    finish,
    investigate,
    open_deviation,
    resolved,
    verify,
)


def opened(cast: Cast, severity: Severity = Severity.MAJOR) -> Deviation:
    return open_deviation(cast, filled_lot(cast).code, severity)


def classify(cast: Cast, deviation: Deviation, severity: Severity, reason: str = "No effect.",
             by: Actor | None = None) -> Deviation:
    with transaction():
        return capa.classify(deviation, severity, reason, by=by or cast.quentin, at=clock.now())


def test_a_severity_is_judged_anew_and_the_day_counts_from_the_opening(bank):
    cast = Cast()
    deviation = opened(cast, Severity.MINOR)
    with clock.pinned(START + timedelta(days=3)):
        classify(cast, deviation, Severity.CRITICAL, "It reached the patient.")
    assert deviation.due_at == START + timedelta(days=7)
    classify(cast, deviation, Severity.MAJOR, "It did not.")
    assert deviation.due_at == START + timedelta(days=30, hours=-1)  # summer began: 09:00 there
    assert [(row.was, row.severity, row.reason) for row in deviation.classifications] == [
        ("minor", "critical", "It reached the patient."), ("critical", "major", "It did not.")]
    with pytest.raises(AlreadyDone, match="major already"):
        classify(cast, deviation, Severity.MAJOR)
    with pytest.raises(Malformed):
        classify(cast, deviation, Severity.MINOR, " ")


@pytest.mark.parametrize("username", ["tessa", "paula", "nadia", "carole", "adam"])
def test_quality_assurance_alone_judges_plans_verifies(bank, username):
    cast = Cast()
    deviation, person = opened(cast), getattr(cast, username)
    action = finish(cast, add_action(cast, deviation))
    for act in (lambda: classify(cast, deviation, Severity.MINOR, by=person),
                lambda: add_action(cast, deviation, by=person),
                lambda: verify(cast, action, by=person)):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("username", ["paula", "nadia", "carole", "adam"])
def test_a_cause_is_looked_for_by_the_laboratory_or_quality_assurance(bank, username):
    cast = Cast()
    deviation = opened(cast)
    with pytest.raises(NotAllowed):
        investigate(cast, deviation, by=getattr(cast, username))
    assert investigate(cast, deviation, by=cast.quynh).investigations[0].method == "5 whys"


@pytest.mark.parametrize("word", ["root_cause", "product_impact", "other_lots"])
def test_an_investigation_says_cause_impact_and_other_lots(bank, word):
    cast = Cast()
    with pytest.raises(Malformed) as refusal:
        investigate(cast, opened(cast), **{word: "  "})
    assert refusal.value.field == word


def test_several_investigations_stand_beside_each_other(bank):
    cast = Cast()
    deviation = investigate(cast, opened(cast))
    investigate(cast, deviation, root_cause="The wipes had expired.", by=cast.quentin)
    assert [row.root_cause for row in deviation.investigations] == [
        INVESTIGATION["root_cause"], "The wipes had expired."]


@pytest.mark.parametrize(("different", "field"), [
    ({"owner": "nobody"}, "owner"), ({"what": " "}, "what"),
    ({"due_on": START.date() - timedelta(days=1)}, "due_on"),
])
def test_an_action_that_cannot_be_is_not_planned(bank, different, field):
    cast = Cast()
    with pytest.raises(Malformed) as refusal:
        add_action(cast, opened(cast), **different)
    assert refusal.value.field == field
    assert session.query(Action).count() == 0


def test_an_action_is_finished_by_its_owner_once_and_verified_by_another_once(bank):
    cast = Cast()
    action = add_action(cast, opened(cast), kind=ActionKind.CORRECTIVE)
    with pytest.raises(WrongMoment, match="not finished yet"):
        verify(cast, action)
    for person in (cast.theo, cast.quentin, cast.adam):
        with pytest.raises(NotAllowed):
            finish(cast, action, by=person)
    finish(cast, action)
    with pytest.raises(AlreadyDone):
        finish(cast, action)
    verify(cast, action)
    assert (action.done_by_id, action.verified_by_id) == (cast.tessa.id, cast.quentin.id)
    with pytest.raises(AlreadyDone):
        verify(cast, action)


def test_nobody_verifies_what_they_own_or_did(bank):
    cast = Cast()
    action = finish(cast, add_action(cast, opened(cast), owner="quentin"), by=cast.quentin)
    with pytest.raises(SamePerson, match="owns this action"):
        verify(cast, action)
    assert verify(cast, action, by=cast.quynh).effective


def test_where_the_owner_has_left_quality_assurance_finishes_and_another_verifies(bank):
    cast = Cast()
    action = add_action(cast, opened(cast))
    with transaction():
        accounts.end_account(action.owner, by=cast.adam, at=clock.now(), reason="Left.")
    with pytest.raises(NotAllowed):
        finish(cast, action, by=cast.theo)
    finish(cast, action, by=cast.quentin)
    with pytest.raises(SamePerson, match="finished this action"):
        verify(cast, action)
    verify(cast, action, by=cast.quynh)
    with pytest.raises(Malformed, match="has ended"):
        add_action(cast, action.deviation)


@pytest.mark.parametrize("severity", [Severity.MAJOR, Severity.CRITICAL])
def test_what_is_not_minor_is_closed_only_when_investigated(bank, severity):
    cast = Cast()
    deviation = opened(cast, severity)
    with pytest.raises(WrongMoment, match="not investigated"):
        close(cast, deviation)
    close(cast, investigate(cast, deviation))
    assert deviation.closed_at is not None
    assert close(cast, opened(cast, Severity.MINOR)).closed_at is not None, "minor needs none"


def test_a_deviation_is_closed_when_every_action_is_finished_and_verified(bank):
    cast = Cast()
    deviation = investigate(cast, opened(cast))
    first, second = add_action(cast, deviation), add_action(cast, deviation)
    assert [action.number for action in deviation.actions] == [1, 2]
    with pytest.raises(WrongMoment, match="Action 1 .*Action 2 .*finished by its owner"):
        close(cast, deviation)
    finish(cast, first)
    with pytest.raises(WrongMoment, match="Action 2 .*finished.*Action 1 .*verified"):
        close(cast, deviation)
    verify(cast, first)
    verify(cast, finish(cast, second), effective=False)
    with pytest.raises(WrongMoment, match="Action 2 .*not to be effective"):
        close(cast, deviation)
    verify(cast, finish(cast, add_action(cast, deviation)))
    close(cast, deviation)


def test_nothing_is_added_to_a_closed_deviation(bank):
    cast = Cast()
    deviation = resolved(cast, opened(cast))
    for act in (lambda: classify(cast, deviation, Severity.MINOR),
                lambda: investigate(cast, deviation), lambda: add_action(cast, deviation)):
        with pytest.raises(WrongMoment, match="is closed"):
            act()


def test_the_closing_signature_is_over_all_that_was_found_and_done(bank):
    cast = Cast()
    deviation = investigate(cast, opened(cast))
    seal = stages.seal_of(cast.quentin, Meaning.DEVIATION_CLOSED,
                          stops.deviation_record(deviation, "Done."))
    investigate(cast, deviation, root_cause="Another one, found meanwhile.")
    with pytest.raises(RecordChanged), transaction():
        stops.close_deviation(deviation, "Done.", seal=seal, by=cast.quentin, at=clock.now())
    told = stops.deviation_record(resolved(cast, deviation), "Done.")["deviation"]
    assert [len(told[name]) for name in ("classifications", "investigations", "actions")] == [
        0, 3, 1]
    assert told["actions"][0]["owner"] == "tessa" and told["actions"][0]["effective"] is True


def test_only_an_open_deviation_that_is_not_minor_stops_a_release(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    deviation = open_deviation(cast, lot.bags[0].code, Severity.CRITICAL)
    with pytest.raises(Unfit, match=deviation.number):
        stages.certify(cast, lot)
    classify(cast, deviation, Severity.MINOR)
    stages.certify(cast, lot)


def test_what_is_written_about_a_deviation_after_the_release_ends_the_cover(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    deviation = open_deviation(cast, lot.code, Severity.MINOR)
    for act in (lambda: investigate(cast, deviation), lambda: add_action(cast, deviation),
                lambda: finish(cast, deviation.actions[0]),
                lambda: verify(cast, deviation.actions[0])):
        stages.certify(cast, lot)
        assert covered(lot)
        act()
        assert not covered(lot)


def behind_the_services_back(cast: Cast, change, about: Deviation) -> None:
    with transaction():
        change()
        record("change", about, by=cast.quentin, at=clock.now())


def test_the_database_itself_keeps_the_law_of_deviations(bank):
    cast = Cast()
    deviation = opened(cast)
    action = add_action(cast, deviation)
    at, quentin = clock.now(), cast.quentin.id
    someone = {"recorded_by_id": quentin, "recorded_at": at}
    signature = session.scalar(sa.text("SELECT max(id) FROM signature"))
    closed = resolved(cast, open_deviation(cast, deviation.about))

    def end() -> None:
        deviation.conclusion, deviation.closed_at = "Done.", at
        deviation.closing_signature_id = signature

    def verified_by_the_owner() -> None:
        action.done, action.done_at, action.done_by_id = "Done.", at, cast.tessa.id
        action.effective, action.verification = True, "Looked."
        action.verified_at, action.verified_by_id = at, cast.tessa.id

    changes = {
        "severity without its classification": lambda: setattr(
            deviation, "severity", Severity.MINOR),
        "closed while an action is open": end,
        "another owner": lambda: setattr(action, "owner_id", quentin),
        "verified by the owner": verified_by_the_owner,
        "an investigation after the end": lambda: session.add(DeviationInvestigation(
            deviation_id=closed.id, **INVESTIGATION, **someone)),
        "a classification after the end": lambda: session.add(Classification(
            deviation_id=closed.id, was="major", severity="minor", reason="So.", due_at=at,
            **someone)),
        "an action after the end": lambda: session.add(Action(
            deviation_id=closed.id, number=9, kind="corrective", what="More.", owner_id=quentin,
            due_on=at.date(), **someone)),
        "another conclusion": lambda: setattr(closed, "conclusion", "Something else."),
        "what was done, again": lambda: setattr(closed.actions[0], "done", "Something else."),
        "what happened": lambda: setattr(deviation, "what", "Nothing."),
    }
    for change in changes.values():
        with pytest.raises(sa.exc.DBAPIError):
            behind_the_services_back(cast, change, deviation)


@pytest.mark.parametrize(("actions", "sentence"), [
    ([], None), ([("A", True, True)], None), ([("A", True, False), ("B", True, True)], None),
    ([("A", False, None)], "A is still to be finished"),
    ([("A", True, None)], "A is still to be verified"),
    ([("A", True, True), ("B", True, False)], "B was found not to be effective"),
])
def test_actions_are_completed_as_the_table_says(actions, sentence):
    if sentence is None:
        rules.actions_completed(actions)
        return
    with pytest.raises(WrongMoment, match=sentence):
        rules.actions_completed(actions)
