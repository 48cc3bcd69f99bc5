"""Two published scores, computed from what a physician sees: the skin score and ACR/EULAR 2013.

The modified Rodnan skin score adds 0 (normal) to 3 (severe thickening) over seventeen sites.

ACR/EULAR 2013 (doi 10.1186/s13023-021-01844-y, table 1): skin thickening of both hands proximal
to the finger joints is enough by itself, 9 points; else the points of the other items are added,
the higher of the two where an item has two. From 9 points on it is systemic sclerosis, unless the
fingers are spared or another disease explains it better.
"""
from collections.abc import Collection, Mapping
from dataclasses import dataclass

SKIN_SITES = {  # in the order of an examination, from the head down
    "face": "Face", "chest": "Front of the chest", "abdomen": "Abdomen",
    "right_upper_arm": "Right upper arm", "left_upper_arm": "Left upper arm",
    "right_forearm": "Right forearm", "left_forearm": "Left forearm",
    "right_hand": "Right hand", "left_hand": "Left hand",
    "right_fingers": "Right fingers", "left_fingers": "Left fingers",
    "right_thigh": "Right thigh", "left_thigh": "Left thigh",
    "right_leg": "Right lower leg", "left_leg": "Left lower leg",
    "right_foot": "Right foot", "left_foot": "Left foot",
}
SITE_HIGHEST = 3
MRSS_HIGHEST = len(SKIN_SITES) * SITE_HIGHEST

SUFFICIENT = "hands_proximal"
ITEMS = {  # item: its signs with their points; of one item the highest counts
    "fingers": {"puffy_fingers": 2, "sclerodactyly": 4},
    "fingertips": {"fingertip_ulcers": 2, "pitting_scars": 3},
    "telangiectasia": {"telangiectasia": 2},
    "nailfold": {"nailfold_capillaries": 2},
    "lung": {"pulmonary_hypertension": 2, "interstitial_lung_disease": 2},
    "raynaud": {"raynaud": 3},
    "antibodies": {"anticentromere": 3, "anti_scl_70": 3, "anti_rna_polymerase_3": 3},
}
EXCLUSIONS = {
    "fingers_spared": "the fingers are spared",
    "better_explained": "another disease explains it better",
}
SIGNS = {
    SUFFICIENT: "Skin thickening of both hands, proximal to the finger joints",
    "puffy_fingers": "Puffy fingers", "sclerodactyly": "Sclerodactyly",
    "fingertip_ulcers": "Fingertip ulcers", "pitting_scars": "Fingertip pitting scars",
    "telangiectasia": "Telangiectasia", "nailfold_capillaries": "Abnormal nailfold capillaries",
    "pulmonary_hypertension": "Pulmonary arterial hypertension",
    "interstitial_lung_disease": "Interstitial lung disease",
    "raynaud": "Raynaud's phenomenon", "anticentromere": "Anticentromere antibody",
    "anti_scl_70": "Anti-topoisomerase I (Scl-70) antibody",
    "anti_rna_polymerase_3": "Anti-RNA polymerase III antibody",
}
SUFFICIENT_POINTS = 9
ACR_EULAR_HIGHEST = sum(max(signs.values()) for signs in ITEMS.values())


@dataclass(frozen=True)
class Classification:
    """Points, what each item gave, and what excludes the disease whatever the points."""

    points: int
    given: Mapping[str, int]
    excluded: tuple[str, ...]


def skin_score(sites: Mapping[str, int]) -> int:
    """The modified Rodnan skin score. Raises ValueError unless every site has 0 to 3."""
    if set(sites) != set(SKIN_SITES):
        raise ValueError(f"the skin score needs each of its {len(SKIN_SITES)} sites, and no other")
    for site, value in sites.items():
        if type(value) is not int or not 0 <= value <= SITE_HIGHEST:
            raise ValueError(f"{SKIN_SITES[site]}: a site has 0 to {SITE_HIGHEST}")
    return sum(sites.values())


def acr_eular_2013(present: Collection[str]) -> Classification:
    """The points of the signs that are present, and the exclusions among them.

    Raises ValueError for a sign the classification does not know.
    """
    if unknown := sorted(set(present) - set(SIGNS) - set(EXCLUSIONS)):
        raise ValueError(f"{unknown[0]} is no sign of the classification")
    given = {item: points for item, signs in ITEMS.items()
             if (points := max((signs[sign] for sign in signs if sign in present), default=0))}
    points = sum(given.values())
    if SUFFICIENT in present:
        given = {SUFFICIENT: SUFFICIENT_POINTS, **given}
        points = max(points, SUFFICIENT_POINTS)
    return Classification(points, given, tuple(EXCLUSIONS[key] for key in EXCLUSIONS
                                               if key in present))
