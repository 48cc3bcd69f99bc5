"""What was found of each criterion, the signed assessment, and the place it leads to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from mscbank import acts, clock
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.errors import (
    Malformed,
    NotAllowed,
    RecordChanged,
    Refused,
    Unfit,
    WrongMoment,
)
from mscbank.recipients import eligibility, rules, service
from mscbank.recipients.schemas import Assess, Classify, ScoreSkin
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal
from specs.scores import EXCLUSIONS, SIGNS, SKIN_SITES
from tests.cast import Cast
from tests.conftest import START
from tests.stages.recipients import (
    EVIDENCE,
    assess,
    assessed_recipient,
    consenting_recipient,
    enrolled_recipient,
    examine,
    find,
    score_skin,
    sign_assessment,
    today,
)

CRITERIA = [
    ({"mrss": 14}, ["mrss"]), ({"mrss": 15}, []), ({"mrss": 51}, []),
    ({"signs": ("sclerodactyly", "raynaud")}, ["acr_eular_2013"]),
    ({"signs": ("sclerodactyly", "fingertip_ulcers", "raynaud")}, []),
    ({"signs": ("hands_proximal",)}, []),
    ({"signs": ("hands_proximal", "fingers_spared")}, ["acr_eular_2013"]),
    ({"organs": ()}, ["organ_involvement"]), ({"organs": ("heart", "kidney")}, []),
    ({"treatment": ()}, ["earlier_treatment"]),
    ({"treatment": ("contraindication_transplantation",)}, []),
    ({"comorbidities": ("cancer",)}, ["comorbidity"]),
    ({"mrss": 3, "comorbidities": ("pregnancy", "other")}, ["mrss", "comorbidity"]),
]
AGES = [(date(1956, 3, 2), []), (date(1955, 3, 3), []), (date(1955, 3, 2), ["age"]),
        (date(2008, 3, 2), []), (date(2008, 3, 3), ["age"]), (date(2008, 2, 29), [])]


@pytest.fixture
def cast(bank):
    return Cast()


def allocate(cast, recipient):
    with transaction():
        return service.allocate(recipient, by=cast.paula, at=clock.now())


def attempt(cast, recipient, seal, day=None):
    with transaction():
        service.assess(recipient, day or today(), seal=seal, by=cast.paula, at=clock.now())


def test_every_failing_criterion_is_kept_in_words(cast):
    recipient = consenting_recipient(cast)
    for different, _ in CRITERIA:
        assess(cast, recipient, **different)
    assert [each.failing for each in recipient.assessments] == [keys for _, keys in CRITERIA]
    assert recipient.assessments[0].findings["mrss"] == (
        "Modified Rodnan skin score is 14 points, the protocol asks for at least 15")
    assert recipient.assessments[6].findings["acr_eular_2013"].endswith("but the fingers are spared")


def test_the_scores_are_computed_from_their_items(cast):
    recipient = consenting_recipient(cast)
    assess(cast, recipient, mrss=31, signs=("puffy_fingers", "sclerodactyly", "raynaud",
                                            "pulmonary_hypertension", "interstitial_lung_disease"))
    seen = recipient.assessments[-1]
    assert (seen.mrss, seen.acr_eular_score) == (31, 4 + 3 + 2)


def test_the_age_is_that_of_the_day_and_comes_from_the_vault(cast):
    for born, failing in AGES:
        recipient = consenting_recipient(cast, birth_date=born)
        assess(cast, recipient)
        assert recipient.assessments[-1].failing == failing, born


def test_what_was_not_looked_for_is_not_met(cast):
    recipient = consenting_recipient(cast)
    sign_assessment(cast, recipient)
    seen = recipient.assessments[-1]
    assert (seen.failing, seen.mrss, seen.acr_eular_score) == (
        ["acr_eular_2013", "mrss", "organ_involvement", "earlier_treatment", "comorbidity"],
        None, None)
    with pytest.raises(Unfit, match="not recorded"):
        allocate(cast, recipient)


def test_an_assessment_is_signed_over_every_finding_with_its_evidence(cast):
    recipient = assessed_recipient(cast)
    signature = session.get_one(Signature, recipient.assessments[-1].signature_id)
    assert (signature.username, signature.meaning) == ("paula", Meaning.RECIPIENT_ELIGIBLE)
    assert '"mrss":22' in signature.record and "1980" not in signature.record
    assert signature.record.count(EVIDENCE) == 5 and "birth date in the vault" in signature.record
    assert "face 3" in signature.record and "anti_scl_70" in signature.record


def test_the_latest_finding_counts_and_that_of_a_later_day_not_yet(cast):
    recipient = consenting_recipient(cast)
    examine(cast, recipient)
    score_skin(cast, recipient, 12, found_on=today() - timedelta(days=30))
    assert service.assessment_record(recipient, today())["mrss"] == 22
    score_skin(cast, recipient, 16)
    assert service.assessment_record(recipient, today())["mrss"] == 16
    assert service.assessment_record(recipient, today() - timedelta(days=1))["mrss"] == 12


def test_a_finding_after_the_assessment_asks_for_another(cast):
    recipient = assessed_recipient(cast)
    find(cast, recipient, "comorbidity", "cancer")
    with pytest.raises(WrongMoment, match="assess again"):
        allocate(cast, recipient)


def test_acts_of_screening_go_through_the_one_door(cast):
    recipient = consenting_recipient(cast)
    sites = {site: 2 for site in SKIN_SITES}
    given = {"found_on": "2026-03-02", "evidence": EVIDENCE}
    told = acts.perform(acts.catalogue()["recipients", "score-skin"], recipient.code,
                        ScoreSkin().load(given | sites), by=cast.paula)
    assert (told["criterion"], told["number"]) == ("mrss", "34")
    signs = dict.fromkeys((*SIGNS, *EXCLUSIONS), False) | {"hands_proximal": True}
    told = acts.perform(acts.catalogue()["recipients", "classify-disease"], recipient.code,
                        Classify().load(given | signs), by=cast.paula)
    assert told["number"] == "9"
    data = Assess().load({"assessed_on": "2026-03-02"})
    seen = chain.digest(service.assessment_record(recipient, **data))
    told = acts.perform(acts.catalogue()["recipients", "assess"], recipient.code, data,
                        by=cast.paula, credential=cast.word("paula"), seen=seen)
    assert told["failing"] == ["organ_involvement", "earlier_treatment", "comorbidity"]


def test_an_unsigned_assessment_is_refused(cast):
    with pytest.raises(Refused, match="must be signed"):
        attempt(cast, consenting_recipient(cast), None)


def test_another_finding_than_the_one_signed_is_refused(cast):
    recipient = consenting_recipient(cast)
    examine(cast, recipient)
    seal = Seal(cast.paula.id, Meaning.RECIPIENT_ELIGIBLE, chain.digest(
        service.assessment_record(recipient, today())))
    score_skin(cast, recipient, 23)
    with pytest.raises(RecordChanged):
        attempt(cast, recipient, seal)


def test_nobody_is_screened_without_consent(cast):
    recipient = enrolled_recipient(cast)
    with pytest.raises(WrongMoment, match="does not consent"):
        attempt(cast, recipient, None)
    with pytest.raises(WrongMoment, match="does not consent"):
        score_skin(cast, recipient)


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2026, 3, 1)])
def test_an_assessment_lies_between_consent_and_now(cast, day):
    with pytest.raises(Malformed):
        attempt(cast, consenting_recipient(cast), None, day)


@pytest.mark.parametrize("criterion, present, more, said", [
    ("organ_involvement", ("liver",), {}, "liver is not asked"),
    ("organ_involvement", (), {"number": Decimal(3)}, "is no number"),
    ("mrss", (), {"number": Decimal(20)}, "is computed"), ("age", (), {}, "is computed"),
    ("weight", (), {}, "has no criterion weight"),
    ("comorbidity", (), {"evidence": "  "}, "write it down"),
    ("comorbidity", (), {"found_on": date(2026, 3, 3)}, "future"),
    ("comorbidity", (), {"found_on": date(1979, 3, 3)}, "birth"),
    ("comorbidity", (), {"attachment": "BXBBBBBBBBBBBBBBBBBB"}, "."),
])
def test_a_finding_that_cannot_be_is_refused(cast, criterion, present, more, said):
    with pytest.raises(Refused, match=said):
        find(cast, consenting_recipient(cast), criterion, *present, **more)


def test_evidence_points_to_an_attached_file_and_to_nothing_else(cast):
    recipient = consenting_recipient(cast)
    with pytest.raises(Malformed, match="attach the file first"):
        find(cast, recipient, "comorbidity", attachment=recipient.code)


@pytest.mark.parametrize("different", [{"face": 4}, {"left_hand": -1}])
def test_a_site_that_cannot_be_is_refused(cast, different):
    with pytest.raises(Malformed, match="0 to 3"):
        score_skin(cast, consenting_recipient(cast), **different)


@pytest.mark.parametrize("wrong", [
    {"face": 4}, {"face": 1.5}, {"chest": None}, {"left_hand": "much"}, {"found_on": "today"},
    {"evidence": " "}, {"attachment": "short"}])
def test_a_malformed_skin_score_is_refused_by_its_schema(wrong):
    typed = {"found_on": "2026-03-02", "evidence": EVIDENCE} | {
        site: 1 for site in SKIN_SITES}
    assert ScoreSkin().validate(typed) == {}
    assert set(ScoreSkin().validate(typed | wrong)) == set(wrong)
    del typed["abdomen"]
    assert set(ScoreSkin().validate(typed)) == {"abdomen"}


def test_only_the_physician_screens(cast):
    recipient = consenting_recipient(cast)
    for person in (cast.nadia, cast.carole, cast.tessa, cast.quentin, cast.adam):
        with pytest.raises(NotAllowed), transaction():
            eligibility.record_finding(recipient, "comorbidity", today(), EVIDENCE, by=person,
                                       at=clock.now())


def test_the_latest_assessment_counts(cast):
    recipient = assessed_recipient(cast)
    assess(cast, recipient, mrss=3)
    with pytest.raises(Unfit, match="skin score is 3"):
        allocate(cast, recipient)
    assess(cast, recipient)
    assert allocate(cast, recipient).number == 1


def test_every_failing_criterion_is_named_to_the_physician(cast):
    recipient = consenting_recipient(cast)
    assess(cast, recipient, mrss=3, comorbidities=("cancer",))
    with pytest.raises(Unfit, match="skin score is 3.*cancer.*the protocol excludes it"):
        allocate(cast, recipient)


def test_nobody_is_allocated_unassessed(cast):
    with pytest.raises(WrongMoment, match="not assessed"):
        allocate(cast, consenting_recipient(cast))


def test_nobody_is_allocated_who_withdrew(cast):
    recipient = assessed_recipient(cast)
    with transaction():
        service.withdraw(recipient, "None given", by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="does not consent"):
        allocate(cast, recipient)


def test_one_who_came_back_is_assessed_anew(cast):
    recipient = assessed_recipient(cast)
    with clock.pinned(START + timedelta(days=9)):
        with transaction():
            service.withdraw(recipient, "None given", by=cast.carole, at=clock.now())
        with transaction():
            service.consent(recipient, "Version 3, again", today(), by=cast.carole,
                            at=clock.now())
        with pytest.raises(WrongMoment, match="assess again"):
            allocate(cast, recipient)


def test_an_assessment_that_no_longer_covers_is_made_again():
    with pytest.raises(WrongMoment, match="changed since"):
        rules.assessment_covers(False, True, "R-001")
