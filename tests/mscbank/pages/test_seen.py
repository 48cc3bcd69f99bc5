"""What was seen beside a bag, corrected from its page and by a program."""

from __future__ import annotations

import re
from datetime import timedelta

from mscbank import clock
from mscbank.database import session
from mscbank.infusions.models import Infusion, Observation, Reaction
from mscbank.infusions.orders import protocol_of
from mscbank.reports import lists
from tests.cast import Cast
from tests.stages.infusions import finished, started
from tests.stages.seen import WHY, observe, react, seen_beside

FRENCH = {"Accept-Language": "fr"}
SIGNS = {"temperature_c": "36.8", "pulse": "91", "systolic": "124", "diastolic": "78",
         "saturation": "98"}


def beside(cast: Cast) -> tuple[Infusion, Observation, Reaction]:
    """Vital signs with a slip in them, and a reaction."""
    infusion = started(cast)
    return (infusion, observe(cast, infusion, pulse=19, why_unusual="Felt at the wrist."),
            react(cast, infusion, 1))


def test_a_slip_is_put_right_from_the_line_it_stands_in_and_back_to_it(browse, cast) -> None:
    infusion, slip, _ = beside(cast)
    nurse, here = browse("nadia"), f"/vital-signs/{slip.code}/correct-vital-signs"
    assert f'href="{here}"' in nurse.get(f"/infusions/{infusion.code}").text
    form = nurse.get(here).text
    for name, value in {**SIGNS, "pulse": "19", "happened_at": ""}.items():
        assert re.search(rf'name="{name}"[^>]* value="{value}"', form), name
    assert "Felt at the wrist." in form
    assert "Left empty: it stays 02 MAR 2026 09:00 CET." in form
    unsaid = nurse.post(here, SIGNS)
    assert unsaid.status_code == 422 and 'value="91"' in unsaid.text
    done = nurse.post(here, SIGNS | {"reason": WHY, "key": "one"})
    right = session.query(Observation).filter_by(corrects_id=slip.id).one()
    assert done.location == f"/infusions/{infusion.code}#{right.code}"
    page = nurse.get(f"/infusions/{infusion.code}").text
    assert f'<tr id="{right.code}">' in page and f'<p id="{slip.code}"><s>' in page
    assert "· 19 · 124/78 · 98 % · Out of the usual: Felt at the wrist.</s>" in page and WHY in page
    assert f'href="/vital-signs/{right.code}/correct-vital-signs"' in page
    assert f'href="{here}"' not in page, "what was corrected is not offered again"
    assert nurse.post(here, SIGNS | {"reason": WHY, "pulse": "90", "key": "two"}).status_code == 409


def test_an_unusual_value_is_asked_about_in_the_correction_too(browse, cast) -> None:
    _, slip, _ = beside(cast)
    nurse, here = browse("nadia"), f"/vital-signs/{slip.code}/correct-vital-signs"
    odd = SIGNS | {"saturation": "80", "reason": WHY, "key": "one"}
    asked = nurse.post(here, odd)
    assert asked.status_code == 422 and "80 % lies outside what is usual" in asked.text
    assert nurse.post(here, odd | {"why_unusual": "Pale.", "key": "two"}).status_code == 303


def test_what_is_the_neighbours_is_withdrawn_from_the_form_of_its_correction(browse, cast) -> None:
    infusion, slip, _ = beside(cast)
    nurse, away = browse("nadia"), f"/vital-signs/{slip.code}/withdraw-vital-signs"
    assert f'href="{away}"' in nurse.get(f"/vital-signs/{slip.code}/correct-vital-signs").text
    assert nurse.post(away, {"reason": "The neighbour's.", "key": "one"}).status_code == 303
    page = nurse.get(f"/infusions/{infusion.code}").text
    assert "The neighbour&#39;s." in page and '<td class="number"><s>19</s></td>' in page
    gone = session.query(Observation).filter_by(withdrawn=True).one()
    assert "withdraw-vital-signs" not in nurse.get(
        f"/vital-signs/{gone.code}/correct-vital-signs").text


def test_a_reaction_is_said_anew_with_its_grade_and_a_death_is_asked_for(browse, cast) -> None:
    infusion, _, mild = beside(cast)
    nurse, here = browse("nadia"), f"/reactions/{mild.code}/correct-reaction"
    form = nurse.get(here).text
    assert 'value="chills"' in form and re.search(r'value="no"\s+checked', form)
    said = {"term": "fever", "grade": "5", "death": "no", "done": "Slowed.", "reason": WHY}
    asked = nurse.post(here, said | {"key": "one"})
    assert asked.status_code == 422 and "confirm that R-001 has died" in asked.text
    assert nurse.post(here, said | {"grade": "3", "key": "two"}).status_code == 303
    page = nurse.get(f"/infusions/{infusion.code}").text
    assert "Fever, grade 3" in page and "<s>Chills, grade 1" in page
    assert "Reaction of grade 3 (fever)" in browse("paula").get("/").text


def test_who_may_not_observe_reads_it_and_is_offered_nothing(browse, cast) -> None:
    infusion = finished(cast)
    seen_beside(cast, infusion)
    page = browse("carole").get(f"/infusions/{infusion.code}").text
    assert "· 109 · 124/78" in page and "correct-vital-signs" not in page
    slip = infusion.standing_observations[0]
    refused = browse("carole").post(f"/vital-signs/{slip.code}/correct-vital-signs",
                                    SIGNS | {"reason": WHY})
    assert refused.status_code == 403


def test_a_list_says_which_of_them_count(cast) -> None:
    seen_beside(cast, finished(cast))
    for model in (Observation, Reaction):
        shown = lists.show(model, lists.read(model, {}))
        assert sorted(row[0] for _, row in shown.rows) == [
            "corrected", "corrected", "recorded", "withdrawn"]


def test_the_page_says_it_in_french(browse, cast) -> None:
    infusion = finished(cast)
    seen_beside(cast, infusion)
    page = browse("nadia").get(f"/infusions/{infusion.code}", headers=FRENCH).text
    for word in ("Corriger", "corrigé", "retiré", "<s>Frissons, grade 1"):
        assert word in page, word


def test_a_program_corrects_too_and_is_told_what_stands(bank, machine, cast) -> None:
    infusion, slip, _ = beside(cast)
    client, headers = bank.test_client(), machine("nadia")
    path = f"/api/v1/vital-signs/{slip.code}/correct-vital-signs"
    data = {**SIGNS, **{name: int(SIGNS[name]) for name in (
        "pulse", "systolic", "diastolic", "saturation")}, "reason": WHY}
    done = client.post(path, headers=headers | {"Idempotency-Key": "slip-of-the-hand"}, json={"data": data})
    assert done.status_code == 200, done.text
    told = client.get(f"/api/v1/infusions/{infusion.code}", headers=headers).json["parts"]
    assert told["observations"] == [done.json["code"]]
    right = client.get(f"/api/v1/vital-signs/{done.json['code']}", headers=headers).json["facts"]
    assert (right["pulse"], right["corrects"], right["reason"], right["withdrawn"]) == (
        91, slip.code, WHY, False)
    assert right["at"] == client.get(f"/api/v1/vital-signs/{slip.code}",
                                     headers=headers).json["facts"]["at"]
    described = client.get("/api/v1/openapi.json", headers=headers).json["paths"]
    assert "/api/v1/vital-signs/{code}/correct-vital-signs" in described
    assert "/api/v1/reactions/{code}/withdraw-reaction" in described


def test_what_is_seen_long_after_the_end_belongs_to_the_follow_up(browse, cast) -> None:
    infusion = finished(cast)
    protocol, moment = protocol_of(infusion.recipient), timedelta(seconds=1)
    signs = timedelta(minutes=protocol.infusion.observation_minutes[-1])
    days = timedelta(days=protocol.endpoint.days)
    elsewhere = f'href="/follow-up/{infusion.recipient.code}"'
    for after, forms in ((signs, {"observe", "report-reaction"}),
                         (signs + moment, {"report-reaction"}), (days, {"report-reaction"}),
                         (days + moment, set())):
        with clock.pinned(infusion.ended_at + after):
            nurse = browse("nadia")
            page = nurse.get(f"/infusions/{infusion.code}").text
        assert {slug for slug in ("observe", "report-reaction") if f'/{slug}"' in page} == forms
        assert (elsewhere in page) == (forms == set())
    with clock.pinned(infusion.ended_at + days + moment):
        late = nurse.post(f"/bedside/{infusion.code}/report-reaction", {
            "term": "chills", "grade": "1", "done": "A blanket.", "key": "late"})
    assert late.status_code == 409 and "record it in the follow-up" in late.text
    assert "A blanket." in late.text, "what was typed stays"
