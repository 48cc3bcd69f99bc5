"""What is allowed with a recipient."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment

MRSS_HIGHEST = 51  # 17 sites x 3
ACR_EULAR_HIGHEST = 32  # more than all items of the classification together can give
KG_LOWEST, KG_HIGHEST = Decimal(2), Decimal(400)


def consents(consents_now: bool, number: str) -> None:
    """Nothing is done for the trial with a person who does not consent to it."""
    if not consents_now:
        raise WrongMoment(f"{number} does not consent at present: record the signed consent "
                          "first.", reasons=("no consent",))


def a_consent_of_its_own(document: str, standing: Iterable[str]) -> None:
    """One consent to one version of the information sheet."""
    if document.strip().casefold() in {each.strip().casefold() for each in standing}:
        raise AlreadyDone(f"The consent to “{document}” is recorded already.", field="document")


def after_the_withdrawal(given_on: date, withdrawn_on: date | None) -> None:
    """A consent given before the person withdrew does not bring them back."""
    if withdrawn_on is not None and given_on < withdrawn_on:
        raise Malformed(f"Consent was withdrawn on {withdrawn_on}, after this one was given: ask "
                        "the person again.", field="given_on")


def something_written(text: str, field: str) -> None:
    """Blanks are no answer."""
    if not text.strip():
        raise Malformed("Nothing is written here: write it down.", field=field)


def possible_scores(mrss: int, acr_eular_score: int) -> None:
    """Scores lie on their scales."""
    if not 0 <= mrss <= MRSS_HIGHEST:
        raise Malformed(f"The skin score runs from 0 to {MRSS_HIGHEST}: count again.",
                        field="mrss")
    if not 0 <= acr_eular_score <= ACR_EULAR_HIGHEST:
        raise Malformed(f"The ACR/EULAR points run from 0 to {ACR_EULAR_HIGHEST}: count again.",
                        field="acr_eular_score")


def a_possible_weight(kg: Decimal) -> None:
    """A weight a scale can show for a person."""
    if not kg.is_finite() or not KG_LOWEST <= kg <= KG_HIGHEST:
        raise Malformed(f"A weight lies between {KG_LOWEST} and {KG_HIGHEST} kg: weigh again.",
                        field="kg")


def not_weighed_then(weighed: bool) -> None:
    """A scale shows one weight at a time."""
    if weighed:
        raise AlreadyDone("A weight of this very moment is recorded already: weigh again, and "
                          "record the new weight with its own time.", field="measured_at")


def assessed(assessed_on: date | None, number: str) -> None:
    """An assessment comes before the place in the trial."""
    if assessed_on is None:
        raise WrongMoment(f"{number} was not assessed yet: the physician assesses and signs "
                          "first.", reasons=("not assessed",))


def eligible(failing: Iterable[str], number: str) -> None:
    """Every criterion of the protocol is met; the refusal names each that is not."""
    if failing := tuple(failing):
        raise Unfit(f"{number} does not meet the protocol: {'; '.join(failing)}.",
                    reasons=("not eligible",))


def assessment_covers(covered: bool, after_consent: bool, number: str) -> None:
    """What the physician signed is still what stands."""
    if not covered:
        raise WrongMoment(f"What is known of {number} changed since the assessment was signed: "
                          "assess again.", reasons=("assessment not covered",))
    if not after_consent:
        raise WrongMoment(f"{number} consented anew after the assessment: assess again.",
                          reasons=("assessed before consent",))


def not_allocated(number: str, place: int | None) -> None:
    """One place in the ladder, once."""
    if place is not None:
        raise AlreadyDone(f"{number} has place {place} of the trial already.")
