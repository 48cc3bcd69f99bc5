"""The modified Rodnan skin score: seventeen sites, each 0 (normal) to 3 (severe), added up.

The seventeen sites are common knowledge and were not read; 17 x 3 agrees with the published 0-51.
"""
from collections.abc import Sequence

SITES = ("face", "chest", "abdomen", "right upper arm", "left upper arm", "right forearm",
         "left forearm", "right hand", "left hand", "right fingers", "left fingers",
         "right thigh", "left thigh", "right leg", "left leg", "right foot", "left foot")
MOST_AT_A_SITE = 3


def skin_score(sites: Sequence[int]) -> int:
    """The sum over all seventeen sites. Raises ValueError unless each is there, from 0 to 3."""
    if len(sites) != len(SITES):
        raise ValueError(f"the skin score has {len(SITES)} sites, not {len(sites)}")
    for name, score in zip(SITES, sites, strict=True):
        if not 0 <= score <= MOST_AT_A_SITE:
            raise ValueError(f"{name}: {score} is not from 0 to {MOST_AT_A_SITE}")
    return sum(sites)
