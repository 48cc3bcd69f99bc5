"""What people see of samples, results, investigations and the register."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import sqlalchemy as sa
from markupsafe import escape

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.testing import results, samples
from mscbank.testing.files import Attachment
from mscbank.testing.models import Investigation, InvestigationOutcome, Laboratory, Result
from mscbank.testing.service import tests_of
from tests.cast import PASSWORD
from tests.mscbank.web.conftest import ON_ONE_DATABASE, browse, cast, hidden, machine
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import (
    HOSPITAL,
    answered,
    concluded,
    opened,
    result_of,
    retested,
    sample_of,
    set_aside,
)

__all__ = ["browse", "cast", "machine"]
pytestmark = ON_ONE_DATABASE
D = Decimal
LOW = {"value": D(91), "unit": "%"}


def test_a_samples_page_tells_its_way_and_what_may_be_recorded(cast, browse):
    sample = sample_of(cast, filled_lot(cast))
    result = result_of(cast, sample, "cd73")
    with transaction():
        samples.send_sample(sample, HOSPITAL, clock.now(), "2-8 °C, cool box 3", by=cast.theo,
                            at=clock.now())
    page = browse("theo").get(f"/samples/{sample.code}").text
    assert "2-8 °C, cool box 3" in page and f"On its way to {HOSPITAL}" in page
    assert f"/results/{result.code}" in page and result.title in page
    assert f"/samples/{sample.code}/record-result?test=viability" in page
    assert f"/samples/{sample.code}/issue-label" in page


def options(page: str, name: str) -> list[str]:
    """What the closed choice of a form offers."""
    box = re.search(rf'<select id="box-{name}-in".*?</select>', page, re.S)
    return re.findall(r'<option value="([^"]+)"', box[0]) if box else []


def test_the_form_of_a_result_offers_the_tests_of_the_specification(cast, browse):
    sample = sample_of(cast, filled_lot(cast))
    theo = browse("theo")
    page = theo.get(f"/samples/{sample.code}/record-result").text
    assert options(page, "test") == [each.key for each in tests_of(sample)]
    assert "CD73 positive: at least 95 %; tested by Flow cytometry" in page
    assert "reported in EU/mL; tested by LAL" in page
    assert options(page, "unit") == ["%", "EU/mL"] and HOSPITAL in options(page, "laboratory")
    chosen = theo.get(f"/samples/{sample.code}/record-result?test=sterility").text
    assert options(chosen, "method") == ["Automated culture, 14 days"]
    assert 'value="Automated culture, 14 days" selected' in chosen
    assert "Sterility: absent (no growth or negative)" in chosen
    refused = theo.post(f"/samples/{sample.code}/record-result", {"test": "taste", "key": "k-1"})
    assert refused.status_code == 422 and options(refused.text, "test")


def test_a_correction_offers_the_same_and_keeps_what_is_left_out(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73")
    page = browse("theo").get(f"/results/{result.code}/correct-result").text
    assert options(page, "unit") == ["%"] and 'value="%" selected' in page
    assert options(page, "method") == ["Flow cytometry"]
    assert 'value="Flow cytometry" selected' not in page


def test_a_failing_result_says_so_and_asks_for_its_investigation(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73", **LOW)
    page = browse("theo").get(f"/results/{result.code}").text
    assert "<h2>Out of specification</h2>" in page and "is not at least 95 %" in page
    assert f"/results/{result.code}/open-investigation" in page
    passing = result_of(cast, result.sample, "cd90")
    page = browse("theo").get(f"/results/{passing.code}").text
    assert "Out of specification</h2>" not in page and "is at least 95 %" in page


def test_a_result_shows_its_single_values_and_their_spread(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability", unit="%",
                       replicates=[D("95.1"), D("95.4")])
    page = browse("theo").get(f"/results/{result.code}").text
    assert "95.1; 95.4" in page and "SD 0.21 %, CV 0.2 %, n = 2" in page


def test_corrections_are_shown_both_ways(cast, browse):
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73")
    with transaction():
        second = results.correct_result(first, "Read wrongly.", value=D(98), unit="%",
                                        by=cast.theo, at=clock.now())
    theo = browse("theo")
    old, new = (theo.get(f"/results/{one.code}").text for one in (first, second))
    assert "This result was corrected" in old and f"/results/{second.code}" in old
    assert f"/results/{first.code}" in new and "Read wrongly." in new


def test_a_set_aside_result_leads_to_its_retest_and_back(cast, browse):
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73", **LOW)
    set_aside(cast, first)
    tessa = browse("tessa")
    page = tessa.get(f"/results/{first.code}").text
    assert "Set aside by" in page and f"retest_of={first.code}" in page
    again = retested(cast, first)
    page = tessa.get(f"/results/{first.code}").text
    assert f"/results/{again.code}" in page and "Record the retest" not in page
    assert f"/results/{first.code}" in tessa.get(f"/results/{again.code}").text


def test_an_investigation_is_answered_and_signed_on_its_pages(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73", **LOW)
    theo, quynh = browse("theo"), browse("quynh")
    sent = theo.post(f"/results/{result.code}/open-investigation",
                     {"observed": "Low.", "step": "do", "key": "press-1"})
    assert sent.status_code == 303
    found = session.scalars(sa.select(Investigation)).one()
    where = f"/investigations/{found.code}"
    answers = {point: "yes" for point in
               ("sample", "method", "instrument", "reagents", "calculation", "analyst")}
    missing = theo.post(f"{where}/answer-checklist", answers | {
        "analyst": "no", "step": "do", "key": "press-2"})
    assert missing.status_code == 422 and "Say what was not in order." in missing.text
    assert theo.post(f"{where}/answer-checklist", answers | {
        "analyst": "no", "analyst_words": "New in the team.", "step": "do", "key": "press-3",
    }).status_code == 303
    assert "New in the team." in quynh.get(where).text
    words = {"outcome": "laboratory error proven", "conclusion": "Not trained yet."}
    review = quynh.post(f"{where}/conclude-investigation", words | {"step": "review"})
    assert "New in the team." in review.text and result.code in review.text
    signed = quynh.post(f"{where}/conclude-investigation", words | {
        "step": "sign", "seen": hidden(review.text, "seen"), "key": hidden(review.text, "key"),
        "signer": "quynh", "signer_password": PASSWORD})
    assert signed.status_code == 303
    page = quynh.get(where).text
    assert "laboratory error proven" in page and "covers the record" in page


def test_an_open_investigation_waits_on_the_worklist(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73", **LOW)
    investigation = opened(cast, result)
    for who, words in (("theo", "answer the laboratory"), ("quynh", "answer the laboratory")):
        page = browse(who).get("/").text
        assert f"/investigations/{investigation.code}" in page and words in page
    concluded(cast, answered(cast, investigation), InvestigationOutcome.CONFIRMED)
    assert f"/investigations/{investigation.code}" not in browse("quynh").get("/").text


def test_the_register_and_every_list_open(cast, browse):
    stages.tested_lot(cast)
    laboratory = session.scalars(sa.select(Laboratory)).first()
    quentin = browse("quentin")
    for place in ("laboratories", "methods", "samples", "results", "investigations",
                  "attachments"):
        assert quentin.get(f"/{place}/").status_code == 200
    assert f"/laboratories/{laboratory.code}/end-laboratory" in quentin.get(
        f"/laboratories/{laboratory.code}").text
    shown = quentin.get("/results/").text
    assert all(str(escape(result.title)) in shown for result in session.scalars(sa.select(Result)))


def test_a_result_with_replicates_is_typed_into_a_form(cast, browse):
    sample = sample_of(cast, filled_lot(cast))
    sent = browse("theo").post(f"/samples/{sample.code}/record-result", {
        "test": "viability", "replicates": "95.1\n95.4", "unit": "%", "qualifier": "exact",
        "pending": "no", "method": "Dye exclusion", "laboratory": HOSPITAL,
        "performed_at": "2026-03-02T09:00", "step": "do", "key": "press-1"})
    assert sent.status_code == 303
    assert session.scalars(sa.select(Result)).one().value == D("95.25")


def test_a_file_on_a_result_is_shown_on_its_page(cast, browse):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73")
    theo = browse("theo")
    theo.post("/attachments/attach", {
        "about": result.code, "file": (io.BytesIO(b"%PDF-1.4"), "gates.pdf"), "step": "do",
        "key": "press-1"}, content_type="multipart/form-data")
    page = theo.get(f"/results/{result.code}").text
    assert "gates.pdf" in page and "/file" in page
    assert f"/attachments/attach?about={result.code}" in page
    kept = session.scalars(sa.select(Attachment)).one()
    page = theo.get(f"/attachments/{kept.code}").text
    assert kept.sha256 in page and f"/results/{result.code}" in page
    assert f"/attachments/{kept.code}/file" in page


def test_a_machine_sees_the_acts_and_the_parts_of_a_result(cast, bank, machine):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability", unit="%",
                       replicates=[D("95.1"), D("95.4")])
    told = bank.test_client().get(f"/api/v1/results/{result.code}", headers=machine("theo")).json
    assert [one["value"] for one in told["parts"]["replicates"]] == ["95.1", "95.4"]
    assert "open investigation" in [act["act"] for act in told["acts"]]
