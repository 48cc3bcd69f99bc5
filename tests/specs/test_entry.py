"""Criteria of entry: every kind against every kind of finding, in words."""
from decimal import Decimal

import pytest

from specs import shelf
from specs.criterion import Unsound
from specs.eligibility import Ask, EntryCriterion, Found, judge, judged

PROTOCOL = shelf.protocol("nct02213705-2")
FITTING = {
    "age": Found(45), "acr_eular_2013": Found(12), "mrss": Found(22),
    "organ_involvement": Found(present=("lung",)),
    "earlier_treatment": Found(present=("inadequate_response",)), "comorbidity": Found(present=())}


def not_met(**different):
    return {each.key: each.sentence for each in judged(PROTOCOL.criteria, FITTING | different)
            if not each.met}


def test_a_patient_who_meets_every_criterion_is_eligible():
    assert not_met() == {}


@pytest.mark.parametrize("key, found, sentence", [
    ("age", Found(17), "Age is 17 years, the protocol asks for at least 18"),
    ("age", Found(71), "Age is 71 years, the protocol allows at most 70"),
    ("age", Found(), "Age: not recorded"),
    ("mrss", Found(14),
     "Modified Rodnan skin score is 14 points, the protocol asks for at least 15"),
    ("mrss", Found(52), "Modified Rodnan skin score is 52 points, the protocol allows at most 51"),
    ("acr_eular_2013", Found(8),
     "ACR/EULAR 2013 classification is 8 points, the protocol asks for at least 9"),
    ("acr_eular_2013", Found(15, excluded=("the fingers are spared",)),
     "ACR/EULAR 2013 classification is 15 points, but the fingers are spared"),
    ("organ_involvement", Found(present=()),
     "Severe organ involvement: none, the protocol requires one of lung, heart, kidney"),
    ("organ_involvement", Found(), "Severe organ involvement: not recorded"),
    ("comorbidity", Found(present=("cancer", "pregnancy")),
     "Severe comorbidity: cancer in the last five years, pregnancy or breast-feeding, the"
     " protocol excludes it"),
    ("comorbidity", Found(), "Severe comorbidity: not recorded"),
])
def test_a_criterion_that_is_not_met_is_named(key, found, sentence):
    assert not_met(**{key: found}) == {key: sentence}


@pytest.mark.parametrize("key, found, sentence", [
    ("age", Found(18), "Age is 18 years"), ("age", Found(70), "Age is 70 years"),
    ("mrss", Found(15), "Modified Rodnan skin score is 15 points"),
    ("mrss", Found(51), "Modified Rodnan skin score is 51 points"),
    ("acr_eular_2013", Found(9), "ACR/EULAR 2013 classification is 9 points"),
    ("organ_involvement", Found(present=("kidney", "lung")),
     "Severe organ involvement: lung, kidney"),
    ("comorbidity", Found(present=()), "Severe comorbidity: none"),
])
def test_a_finding_on_the_edge_is_met_and_told(key, found, sentence):
    answer = judge(PROTOCOL.criterion(key), found)
    assert (answer.met, answer.sentence) == (True, sentence)


def test_of_an_unknown_patient_every_criterion_is_named():
    said = judged(PROTOCOL.criteria, {})
    assert [each.met for each in said] == [False] * 6
    assert all(each.sentence.endswith(": not recorded") for each in said)


def test_a_number_with_its_unit_is_asked_by_another_protocol():
    activity = EntryCriterion("sledai", "SLEDAI", Ask.NUMBER, Decimal("6.5"), None, "points")
    assert judge(activity, Found(Decimal("6.5"))).met
    assert judge(activity, Found(Decimal("6.4"))).sentence == (
        "SLEDAI is 6.4 points, the protocol asks for at least 6.5")


@pytest.mark.parametrize("wrong", [
    dict(ask=Ask.AGE), dict(ask=Ask.AGE, low=Decimal(5), high=Decimal(4)),
    dict(ask=Ask.SKIN_SCORE, high=Decimal(52)), dict(ask=Ask.ACR_EULAR, low=Decimal(20)),
    dict(ask=Ask.NUMBER, low=Decimal(1), options={"a": "b"}), dict(ask=Ask.ANY_OF),
    dict(ask=Ask.NONE_OF, options={"a": "b"}, low=Decimal(1)),
    dict(ask=Ask.NONE_OF, options={"a": "b"}, unit="kg")])
def test_a_criterion_that_contradicts_itself_is_unsound(wrong):
    with pytest.raises(Unsound):
        EntryCriterion("key", "Title", **wrong)
