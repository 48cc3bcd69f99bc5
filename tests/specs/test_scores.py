"""ACR/EULAR 2013 by its items, and the skin score by its seventeen sites."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.scores import (
    ACR_EULAR_HIGHEST,
    EXCLUSIONS,
    ITEMS,
    MRSS_HIGHEST,
    SIGNS,
    SKIN_SITES,
    acr_eular_2013,
    skin_score,
)

SIGN = st.sets(st.sampled_from(sorted(SIGNS)))


@pytest.mark.parametrize("present, points", [
    ({"hands_proximal"}, 9),
    ({"sclerodactyly", "fingertip_ulcers", "raynaud"}, 9),
    ({"sclerodactyly", "raynaud"}, 7),
    ({"puffy_fingers", "pulmonary_hypertension", "interstitial_lung_disease"}, 4),
    ({"puffy_fingers", "sclerodactyly"}, 4), ({"puffy_fingers"}, 2),
    ({"fingertip_ulcers", "pitting_scars"}, 3), ({"fingertip_ulcers"}, 2),
    ({"telangiectasia"}, 2), ({"nailfold_capillaries"}, 2), ({"raynaud"}, 3),
    ({"pulmonary_hypertension"}, 2), ({"interstitial_lung_disease"}, 2),
    ({"anticentromere", "anti_scl_70", "anti_rna_polymerase_3"}, 3),
    ({"anticentromere"}, 3), ({"anti_scl_70"}, 3), ({"anti_rna_polymerase_3"}, 3),
    (set(SIGNS) - {"hands_proximal"}, 19), (set(SIGNS), 19), (set(), 0),
    ({"hands_proximal", "raynaud"}, 9),
])
def test_points_of_the_classification(present, points):
    assert acr_eular_2013(present).points == points


def test_an_exclusion_is_told_whatever_the_points():
    spared = acr_eular_2013({"hands_proximal", "fingers_spared"})
    assert (spared.points, spared.excluded) == (9, ("the fingers are spared",))
    assert acr_eular_2013(set(EXCLUSIONS)).excluded == tuple(EXCLUSIONS.values())
    assert acr_eular_2013({"hands_proximal"}).excluded == ()


def test_it_says_what_each_item_gave():
    assert acr_eular_2013({"sclerodactyly", "puffy_fingers", "raynaud"}).given == {
        "fingers": 4, "raynaud": 3}
    assert acr_eular_2013({"hands_proximal"}).given == {"hands_proximal": 9}


def test_a_sign_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match="cough is no sign"):
        acr_eular_2013({"cough"})


@given(SIGN, st.sampled_from(sorted(SIGNS)))
def test_one_more_sign_never_takes_points_away(present, more):
    fewer, after = acr_eular_2013(present), acr_eular_2013(present | {more})
    assert fewer.points <= after.points <= ACR_EULAR_HIGHEST == 19


@given(SIGN)
def test_each_item_counts_once_by_its_higher_sign(present):
    by_hand = sum(max([points for sign, points in signs.items() if sign in present], default=0)
                  for signs in ITEMS.values())
    enough = 9 if "hands_proximal" in present else 0
    assert acr_eular_2013(present).points == max(by_hand, enough)


def test_there_are_seventeen_sites_and_fifty_one_points():
    assert (len(SKIN_SITES), MRSS_HIGHEST) == (17, 51)
    assert skin_score(dict.fromkeys(SKIN_SITES, 3)) == 51
    assert skin_score(dict.fromkeys(SKIN_SITES, 0)) == 0


@given(st.fixed_dictionaries({site: st.integers(0, 3) for site in SKIN_SITES}))
def test_the_skin_score_is_the_sum_of_its_sites(sites):
    assert skin_score(sites) == sum(sites.values())


@pytest.mark.parametrize("wrong", [
    {"face": 4}, {"face": -1}, {"face": True}, {"face": "2"}, {"nose": 1}])
def test_a_skin_score_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        skin_score(dict.fromkeys(SKIN_SITES, 1) | wrong)
    missing = dict.fromkeys(SKIN_SITES, 1)
    del missing["abdomen"]
    with pytest.raises(ValueError, match="each of its 17 sites"):
        skin_score(missing)
