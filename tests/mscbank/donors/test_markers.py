"""Infectious markers, their correction, HLA, and the warnings they put on labels."""

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.database import transaction
from mscbank.donors import rules, service
from mscbank.donors.models import Agent, Reaction
from mscbank.donors.schemas import CorrectMarker, RecordMarker, TypeHla
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from tests.cast import Cast
from tests.conftest import START
from tests.stages.donors import LABORATORY, REQUIRED, blood_tested, consenting_donor, enrolled_donor
from tests.stages.recipients import consenting_recipient

A, R = Agent, Reaction
HAZARD, ADVISE = "BIOLOGICAL HAZARD", "WARNING: Advise recipient of communicable disease risks"
UNTESTED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"


@pytest.fixture
def cast(bank):
    return Cast()


@pytest.fixture
def donor(cast):
    return consenting_donor(cast, consenting_recipient(cast))


def correct(cast, donor, reaction, agent=A.HBSAG, sampled_at=START, reason="Read the wrong line"):
    with transaction():
        return service.correct_marker(donor, agent, reaction, sampled_at, LABORATORY, reason,
                                      by=cast.carole, at=clock.now())


def type_hla(cast, donor, locus="A", first="02:01", second="24:02"):
    with transaction():
        service.type_hla(donor, locus, first, second, by=cast.tessa, at=clock.now())


def test_one_result_for_one_agent_in_one_sample(cast, donor):
    blood_tested(cast, donor, (A.HIV,))
    with pytest.raises(AlreadyDone, match="correct it"):
        blood_tested(cast, donor, (A.HIV,), R.REACTIVE)
    with clock.pinned(START + timedelta(days=2)):
        blood_tested(cast, donor, (A.HIV,))
    assert len(donor.standing_markers) == 2


def test_blood_is_taken_after_the_consent_before_now_and_at_a_certain_hour(cast, donor):
    for moment in (START + timedelta(minutes=1), START - timedelta(days=1),
                   START.replace(tzinfo=None)):
        with pytest.raises(Malformed):
            blood_tested(cast, donor, (A.HIV,), sampled_at=moment)
    assert donor.markers == []


def test_nobody_is_tested_without_consent(cast):
    with pytest.raises(WrongMoment, match="does not consent"):
        blood_tested(cast, enrolled_donor(cast, consenting_recipient(cast)))


def test_a_result_that_comes_after_a_withdrawal_is_recorded(cast, donor):
    with clock.pinned(START + timedelta(days=2)):
        with transaction():
            service.withdraw_donor(donor, "None given", by=cast.carole, at=clock.now())
        blood_tested(cast, donor, (A.HIV,), R.REACTIVE, sampled_at=START)
    assert HAZARD in service.warnings_of(donor)


def test_a_correction_is_a_new_row_that_points_back(cast, donor):
    blood_tested(cast, donor)
    marker = correct(cast, donor, R.REACTIVE)
    assert len(donor.markers) == 6 and len(donor.standing_markers) == 5
    assert marker in donor.standing_markers and marker.corrects_id == donor.markers[1].id
    assert service.reactive_agents(donor) == ("HBsAg",)


def test_a_correction_of_a_correction(cast, donor):
    blood_tested(cast, donor)
    correct(cast, donor, R.REACTIVE)
    correct(cast, donor, R.NON_REACTIVE)
    assert service.reactive_agents(donor) == () and len(donor.standing_markers) == 5


def test_corrections_that_correct_nothing_are_refused(cast, donor):
    with pytest.raises(WrongMoment, match="record it instead"):
        correct(cast, donor, R.REACTIVE)
    blood_tested(cast, donor)
    with pytest.raises(AlreadyDone, match="nothing to correct"):
        correct(cast, donor, R.NON_REACTIVE)
    with pytest.raises(Malformed):
        correct(cast, donor, R.REACTIVE, reason=" ")
    with pytest.raises(Malformed):
        correct(cast, donor, R.REACTIVE, sampled_at=START + timedelta(days=1))


def test_an_hla_typing_is_recorded_once_and_a_new_outcome_beside_it(cast, donor):
    type_hla(cast, donor)
    with pytest.raises(AlreadyDone):
        type_hla(cast, donor, first="24:02", second="02:01")
    type_hla(cast, donor, first="03:01")
    assert [each.first for each in donor.hla] == ["02:01", "03:01"]


def test_nobody_is_typed_without_consent(cast):
    with pytest.raises(WrongMoment):
        type_hla(cast, enrolled_donor(cast, consenting_recipient(cast)))


@pytest.mark.parametrize("allele", ["02", "02:01", "02:01:01G", "DRB1*15:01", "HLA-DRB1*15:01:01",
                                    "-", "04:09N"])
def test_alleles_as_laboratories_write_them(allele):
    rules.an_allele_of("DRB1", allele, "first")


@pytest.mark.parametrize("allele", ["A*02:01", "two", "02:", ":", "02;01", "", "DRB1*"])
def test_what_is_not_an_allele_of_drb1(allele):
    with pytest.raises(Malformed):
        rules.an_allele_of("DRB1", allele, "first")


REACTIONS = [
    ([], ()), ([(A.HIV, R.NON_REACTIVE)], ()), ([(A.HBSAG, R.REACTIVE)], ("HBsAg",)),
    ([(A.HBSAG, R.REACTIVE), (A.HBSAG, R.NON_REACTIVE)], ("HBsAg",)),
    ([(A.HCV, R.INDETERMINATE)], ("anti-HCV (indeterminate)",)),
    ([(A.HCV, R.REACTIVE), (A.HCV, R.INDETERMINATE)], ("anti-HCV",)),
    ([(A.HTLV, R.REACTIVE), (A.HIV, R.REACTIVE)], ("anti-HIV-1/2", "anti-HTLV-I/II")),
    ([(A.CMV, R.REACTIVE), (A.EBV, R.REACTIVE), (A.TOXOPLASMA, R.REACTIVE)], ()),
]


@pytest.mark.parametrize(("reactions", "named"), REACTIONS)
def test_which_tests_call_for_a_warning(reactions, named):
    assert rules.reactive(reactions) == named


@pytest.mark.parametrize(("reactive", "missing", "by_exception", "legends"), [
    ((), (), False, ()),
    ((), (), True, (HAZARD, ADVISE)),
    ((), ("syphilis",), False, (UNTESTED, ADVISE)),
    ((), ("syphilis",), True, (UNTESTED, ADVISE)),
    (("HBsAg",), (), False, (HAZARD, ADVISE, "WARNING: Reactive test results for HBsAg")),
    (("HBsAg", "syphilis"), ("anti-HCV",), True,
     (HAZARD, UNTESTED, ADVISE, "WARNING: Reactive test results for HBsAg, syphilis")),
])
def test_the_legends_on_every_label_downstream(reactive, missing, by_exception, legends):
    assert rules.warnings(reactive, missing, by_exception=by_exception) == legends


def test_the_protocols_markers_that_are_missing_are_named_in_its_order():
    assert rules.missing([A.HBSAG, A.CMV], REQUIRED) == (
        "anti-HIV-1/2", "anti-HBc", "anti-HCV", "syphilis")


MARKER = {"agent": "HBsAg", "reaction": "reactive", "sampled_at": "2026-03-02T09:00:00+01:00",
          "laboratory": LABORATORY}
HLA = {"locus": "A", "first": "02:01", "second": "24:02"}


@pytest.mark.parametrize(("schema", "good", "wrong"), [
    (RecordMarker, MARKER, {"agent": "measles"}), (RecordMarker, MARKER, {"reaction": "weak"}),
    (RecordMarker, MARKER, {"sampled_at": "2026-03-02T09:00:00"}),
    (RecordMarker, MARKER, {"laboratory": "x" * 121}),
    (CorrectMarker, MARKER | {"reason": "Wrong line"}, {"reason": " "}),
    (TypeHla, HLA, {"locus": "Z"}), (TypeHla, HLA, {"first": "0" * 21})])
def test_a_malformed_test_is_refused_by_its_schema(schema, good, wrong):
    assert schema().validate(good) == {}
    assert set(schema().validate(good | wrong)) == set(wrong)
