"""Another study of the same kind, told end to end by a protocol of its own: another disease, three
doses, marrow of the patient's own, other limits, windows and another stopping rule."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mscbank import clock
from mscbank.audit import chain
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Kinship
from mscbank.errors import Malformed, Unfit, WrongMoment
from mscbank.followup.schedule import schedule_of
from mscbank.infusions import orders, places
from mscbank.infusions import service as infusions
from mscbank.recipients import eligibility, ladder
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient, Sex
from mscbank.reports.ladder import trial
from mscbank.reports.safety import safety_table
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs import shelf
from specs.scores import SKIN_SITES
from tests.cast import Cast
from tests.conftest import START
from tests.specs.shelves import put
from tests.stages.bags import filled_lot
from tests.stages.cultures import grown_culture
from tests.stages.donors import eligible_donor
from tests.stages.followup import event, visit
from tests.stages.harvests import received_harvest
from tests.stages.infusions import bedside, order, started
from tests.stages.recipients import consenting_recipient, find, sign_assessment
from tests.stages.release import released_lot

LUPUS = "lupus-own-1"
SHEET = Path(__file__).parent / "protocols" / f"{LUPUS}.toml"
D = Decimal


@pytest.fixture(autouse=True)
def lupus(bank, tmp_path):
    """The bank's own protocol beside those of the package; the trail holds at the end."""
    put(tmp_path, "protocols", LUPUS, SHEET.read_bytes())
    with shelf.beside(tmp_path):
        yield shelf.protocol(LUPUS)
        session.rollback()
        assert verify().sound


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def screened(cast: Cast, name: str, sledai: str = "9", *against: str) -> Recipient:
    """Somebody of 20 with nephritis, examined and assessed by the lupus protocol."""
    person = consenting_recipient(cast, protocol=LUPUS, name=name, birth_date=date(2005, 6, 1))
    find(cast, person, "sledai", number=D(sledai))
    find(cast, person, "nephritis", "class_4")
    find(cast, person, "against", *against)
    sign_assessment(cast, person)
    return person


def placed(cast: Cast, name: str) -> Recipient:
    person = screened(cast, name)
    with transaction():
        recipients.allocate(person, by=cast.paula, at=clock.now())
    return person


def test_another_study_runs_from_screening_to_its_report(cast, lupus):
    person = screened(cast, "Ada Roy", "5.5")
    its_own_criteria(cast, person)
    waived_and_placed(cast, person)
    donor = her_own_marrow(cast, person)
    beside = her_dose(cast, person, donor)
    given_and_followed(cast, person, beside)
    paused_by_its_own_rule(cast, person)
    its_report(lupus)


def its_own_criteria(cast, person):
    # It asks neither skin nor ACR/EULAR, and says so; its own criteria are judged in its own units.
    assert person.assessments[-1].findings == {
        "age": "Age is 20 years", "sledai": "SLEDAI is 5.5 points, the protocol asks for at least 6",
        "nephritis": "Nephritis by biopsy: class IV", "against": "Against taking part: none"}
    assert (person.assessments[-1].mrss, person.assessments[-1].acr_eular_score) == (None, None)
    with pytest.raises(WrongMoment, match="does not ask for the skin score"):
        eligibility.score_skin(person, START.date(), "Seen", **dict.fromkeys(SKIN_SITES, 0),
                               by=cast.paula, at=clock.now())


def waived_and_placed(cast, person):
    # This protocol allows waivers: the physician signs one, and she gets the first place.
    why = "Half a point, with rising proteinuria."
    seal = Seal(cast.paula.id, Meaning.CRITERION_WAIVED, chain.digest(
        eligibility.waiver_record(person, "sledai", why)))
    with transaction():
        eligibility.waive(person, "sledai", why, seal=seal, by=cast.paula, at=clock.now())
    with transaction():
        recipients.allocate(person, by=cast.paula, at=clock.now())
    assert (person.allocation.cohort, person.allocation.dose_per_kg) == (1, 500_000)


def her_own_marrow(cast, person):
    # She gives her own marrow; somebody else does not pass for her.
    hers = {"kinship": Kinship.SELF, "sex": Sex.FEMALE, "birth_date": date(2005, 6, 1)}
    with pytest.raises(Malformed, match="This is not R-001"), transaction():
        donors.enrol_donor(person, **hers, name="Eva Roy", by=cast.carole, at=clock.now())
    donor = eligible_donor(cast, person, **hers, name="Ada Roy")
    assert donors.warnings_of(donor) == ("FOR AUTOLOGOUS USE ONLY",)
    assert donor.title == "Donor D-001 (R-001 themselves)"
    return donor


def her_dose(cast, person, donor):
    # The dose: 0.5 x 10^6 x 70 kg in viable cells after thawing, 80 % of those filled.
    lot = released_lot(cast, filled_lot(cast, grown_culture(cast, received_harvest(cast, donor))))
    beside = bedside(cast, lot, ordered=False)
    proposed = orders.proposed(person)
    assert proposed == [{"bag": lot.bags[0].code, "volume_ml": D("31.5")}]
    with pytest.raises(Malformed, match="steps of 0.5 mL"):
        order(cast, person, beside.bag, volume_ml=D("31.2"))
    beside.order = order(cast, person, beside.bag, volume_ml=D("31.5"))
    part = beside.order.parts[0]
    assert (beside.order.target_cells, part.cells, part.recovery_percent) == (
        35_000_000, 35_280_000, 80)
    assert (beside.order.ml_per_minute_max, part.minutes_at_least) == (D("1.1"), 29)
    return beside


def given_and_followed(cast, person, beside):
    # Given over half an hour, and followed by the windows of this study.
    infusion = started(cast, beside)
    with clock.pinned(infusion.started_at + timedelta(minutes=31)), transaction():
        infusions.finish(infusion, D("31.5"), by=cast.nadia, at=clock.now())
    assert [each.name for each in schedule_of(person, START.date())] == ["W1", "M2"]
    with clock.pinned(START + timedelta(days=8)):
        assert visit(cast, person, "W1", (START + timedelta(days=8)).date(), pulse=71).within_window


def paused_by_its_own_rule(cast, person):
    # The second event of grade 2 in a cohort pauses this study, and no other.
    with clock.pinned(START + timedelta(days=40)):
        event(cast, person, term="Fever", grade=2)
        assert ladder.pause_of("lupus-own") is None
        event(cast, person, term="Nausea", grade=2)
        pause = ladder.pause_of("lupus-own")
        assert len(pause.events) == 2 and ladder.pause_of("nct02213705") is None
        waiting = screened(cast, "Bea Sol")
        with pytest.raises(WrongMoment, match="LUPUS-OWN is paused"):
            recipients.allocate(waiting, by=cast.paula, at=clock.now())
        decided = "Minutes 3: expected after infusion; go on."
        seal = Seal(cast.carole.id, Meaning.TRIAL_RESUMED, chain.digest(
            ladder.resume_record(pause, clock.now().date(), decided)))
        assert pause.recorded_by_id == cast.carole.id
        with pytest.raises(Exception, match="another person"), transaction():
            ladder.resume(pause, clock.now().date(), decided, seal=seal, by=cast.carole,
                          at=clock.now())


def its_report(lupus):
    # Its report counts its own people by its own cohorts and grades.
    table = safety_table(LUPUS)
    assert (table["infused"], table["severe_from_grade"], table["days"]) == (1, 2, 5)
    assert [each["dose_per_kg"] for each in table["cohorts"]] == [500_000, 1_000_000, 2_000_000]
    assert table["severe_after"]["events"] == 2 and safety_table("nct02213705-2")["infused"] == 0
    shown = trial(lupus, (START + timedelta(days=40)).date())
    assert shown.picture.told.startswith("12 places in 3 cohorts, 1 of them given, 1 person infused")


def test_who_leaves_is_not_replaced_and_a_higher_dose_waits(cast, lupus):
    first = placed(cast, "Ada Roy")
    with transaction():
        places.give_up_place(first, "Pregnant.", by=cast.paula, at=clock.now())
    people = [placed(cast, f"Person {letter}") for letter in "ABC"]
    assert [each.allocation.number for each in people] == [2, 3, 4]
    assert people[-1].allocation.cohort == 2
    with pytest.raises(WrongMoment, match="not infused yet: place 2, place 3"):
        places.may_go_on(people[-1], clock.now())


def test_who_does_not_fit_is_not_taken(cast):
    person = screened(cast, "Cleo Tan", "12", "dialysis")
    with pytest.raises(Unfit, match="dialysis, the protocol excludes it"):
        recipients.allocate(person, by=cast.paula, at=clock.now())
    with pytest.raises(Unfit, match="does not take marrow from a father"), transaction():
        donors.enrol_donor(person, Kinship.FATHER, Sex.MALE, "Karl Tan", date(1975, 1, 1),
                           by=cast.carole, at=clock.now())
