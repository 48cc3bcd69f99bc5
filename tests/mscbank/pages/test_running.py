"""The page of a running bag: what is kept from it, and what it asks once more."""

from __future__ import annotations

from werkzeug.test import TestResponse

from mscbank.audit.models import Entry
from mscbank.database import session
from mscbank.infusions.models import Reaction
from tests.cast import Cast
from tests.stages.infusions import started


def test_vital_signs_a_reaction_and_the_end_are_kept_from_one_page(
        browse, cast: Cast) -> None:
    infusion = started(cast)
    nurse, here = browse("nadia"), f"/bedside/{infusion.code}"
    signs = {"temperature_c": "37.1", "pulse": "82", "systolic": "120", "diastolic": "75",
             "saturation": "98", "key": "one"}
    wrong = nurse.post(f"{here}/observe", signs | {"pulse": "820"})
    assert wrong.status_code == 422 and 'value="37.1"' in wrong.text
    assert nurse.post(f"{here}/observe", signs).status_code == 303
    reaction = {"term": "chills", "grade": "1", "done": "Slowed.", "key": "two"}
    assert nurse.post(f"{here}/report-reaction", reaction).status_code == 303
    end = {"volume_given_ml": f"{infusion.bag.volume_ml}", "key": "three"}
    early = nurse.post(f"{here}/finish", end)
    assert early.status_code == 409 and 'name="too_quick"' in early.text
    end |= {"too_quick": "Clamp left open.", "key": "three and a half"}
    assert nurse.post(f"{here}/finish", end).status_code == 303
    page = nurse.get(f"/infusions/{infusion.code}").text
    assert "at least 15 min" in page and "Clamp left open." in page
    assert "Infusion finished" in page and "120/75" in page and "Chills, grade 1" in page
    assert nurse.post(f"{here}/finish", end | {"key": "four"}).status_code == 409
    session.rollback()
    acts = [entry.act for entry in session.query(Entry).filter_by(subject=infusion.code)]
    assert acts == ["observe", "report reaction", "refused", "finish", "refused"]


def test_a_death_is_asked_once_more_by_the_page_and_by_the_api(
        bank, browse, machine, cast: Cast) -> None:
    infusion = started(cast)
    nurse, here = browse("nadia"), f"/bedside/{infusion.code}/report-reaction"
    said = {"term": "chills", "done": "Physician called"}
    first = nurse.get(f"/infusions/{infusion.code}").text
    assert '<button class="button plain grade" name="grade" value="4">' in first
    assert 'name="grade" value="5"' not in first
    asked = nurse.post(here, said | {"grade": "5", "key": "one"})
    assert asked.status_code == 422 and '<details class="death" open>' in asked.text
    assert 'value="chills" required checked' in asked.text, "what was said stays"
    api, path = machine("nadia"), f"/api/v1/infusions/{infusion.code}/report-reaction"

    def told(key: str, **more: object) -> TestResponse:
        return bank.test_client().post(
            path, headers=api | {"Idempotency-Key": key}, json={"data": said | more})

    refused = told("no death yet", grade=5)
    assert refused.status_code == 422 and "Grade 5 is a death" in refused.text
    session.rollback()
    assert session.query(Reaction).count() == 0
    assert nurse.post(here, said | {"death": "yes", "key": "two"}).status_code == 303
    assert told("death said", grade=5, death=True).status_code == 200
    assert told("no death at all", grade=4).status_code == 200
    session.rollback()
    assert [(one.grade, one.death) for one in session.query(Reaction).order_by(Reaction.id)] == [
        (5, True), (5, True), (4, False)]
