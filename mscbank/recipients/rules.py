"""What is allowed with a recipient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NoReturn

from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.permissions import Actor, another_person
from mscbank.rules import day_told
from specs.eligibility import Ask, EntryCriterion
from specs.protocol import Protocol
from specs.scores import EXCLUSIONS, SIGNS, SITE_HIGHEST, SKIN_SITES

KG_LOWEST, KG_HIGHEST = Decimal(2), Decimal(400)


def consents(consents_now: bool, number: str) -> None:
    """Nothing is done with a person, patient or relative, who does not consent to it."""
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
        raise Malformed(f"Consent was withdrawn on {day_told(withdrawn_on)}, after this one was given: ask "
                        "the person again.", field="given_on")


def something_written(text: str, field: str) -> None:
    """Blanks are no answer."""
    if not text.strip():
        raise Malformed("Nothing is written here: write it down.", field=field)


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


def not_screened_out(ended: bool, number: str) -> None:
    """A screening that ended without a place has ended."""
    if ended:
        raise AlreadyDone(f"The screening of {number} ended without a place in the trial.",
                          reasons=("screened out",))


def not_allocated(number: str, place: int | None) -> None:
    """One place in the ladder, once."""
    if place is not None:
        raise AlreadyDone(f"{number} has place {place} of the trial already.")


# --- criteria -----------------------------------------------------------------------------------

def each_site(sites: Mapping[str, int]) -> None:
    """The skin score needs every site, 0 to 3."""
    for site, name in SKIN_SITES.items():
        value = sites.get(site)
        if type(value) is not int or not 0 <= value <= SITE_HIGHEST:
            raise Malformed(f"{name}: a site has 0 to {SITE_HIGHEST}. Look again.", field=site)


def each_sign(signs: Mapping[str, bool]) -> None:
    """The classification needs every sign answered."""
    for sign in (*SIGNS, *EXCLUSIONS):
        if type(signs.get(sign)) is not bool:
            raise Malformed("Answer yes or no: not looked for is no answer.", field=sign)


def the_criterion(key: str, protocol: Protocol) -> EntryCriterion:
    """A criterion of the protocol the recipient holds."""
    known = {each.key: each for each in protocol.criteria}
    if key not in known:
        raise Malformed(f"{protocol.reference} has no criterion {key}: it has {', '.join(known)}.",
                        field="criterion")
    return known[key]


def asked_for(ask: Ask, protocol: Protocol) -> EntryCriterion:
    """The protocol's criterion of this kind; refused where it asks none."""
    for each in protocol.criteria:
        if each.ask is ask:
            return each
    raise WrongMoment(f"{protocol.reference} does not ask for the {ask}.", reasons=("not asked",))


def fitting(criterion: EntryCriterion, number: Decimal | None, present: Iterable[str],
            ) -> tuple[str, ...]:
    """A finding that answers what the criterion asks: a number, or some of its options."""
    present = tuple(dict.fromkeys(present))
    if criterion.ask in (Ask.AGE, Ask.SKIN_SCORE, Ask.ACR_EULAR):
        raise Malformed(f"{criterion.title} is computed: it is not written down here.",
                        field="criterion")
    if criterion.ask is Ask.NUMBER:
        if number is None or present:
            raise Malformed(f"{criterion.title} is a number"
                            f"{f' ({criterion.unit})' if criterion.unit else ''}: give it.",
                            field="number")
        return ()
    if number is not None:
        raise Malformed(f"{criterion.title} is no number: say which are present.", field="number")
    unknown = [key for key in present if key not in criterion.options]
    if unknown:
        raise Malformed(f"{unknown[0]} is not asked under {criterion.title}: it asks for "
                        f"{', '.join(criterion.options)}.", field="present")
    return present


def an_attachment(slug: str) -> None:
    """Evidence points to a file that is kept here."""
    if slug != "attachments":
        raise Malformed("This is not the code of an attached file: attach the file first.",
                        field="attachment")


def waivers_allowed(protocol: Protocol) -> None:
    """The protocol says whether a criterion may be waived."""
    if not protocol.enrolment.waivers_allowed:
        raise Unfit(f"{protocol.reference} allows no waiver: who does not meet it does not take "
                    "part.", reasons=("no waivers",))


def waived_once(key: str, waived: Iterable[str]) -> None:
    """One waiver for one criterion."""
    if key in set(waived):
        raise AlreadyDone(f"{key} is waived already.", field="criterion")


def not_met(key: str, failing: Iterable[str]) -> None:
    """Only what is not met is waived."""
    if key not in set(failing):
        raise WrongMoment(f"{key} is met in the latest assessment: there is nothing to waive.",
                          field="criterion")


# --- the version held, and the pause --------------------------------------------------------------

def an_amendment(now: str, then: str, published: Iterable[str]) -> None:
    """A later version of the trial the recipient takes part in."""
    name, _, version = then.rpartition("-")
    held, _, number = now.rpartition("-")
    if then not in set(published) or name != held:
        raise Malformed(f"{then} is no published version of {held}.", field="protocol")
    if int(version) <= int(number):
        raise AlreadyDone(f"The recipient holds {now} already: an amendment has a higher number.",
                          field="protocol")


def later_version(now: str, published: Iterable[str]) -> None:
    """There is an amendment to consent to."""
    held, _, number = now.rpartition("-")
    if not any(name == held and int(version) > int(number) for name, _, version in (
            each.rpartition("-") for each in published)):
        raise WrongMoment(f"{now} is the latest version of the protocol.", reasons=("latest",))


def published(reference: str, known: Iterable[str]) -> str:
    """A protocol on the shelf, by name and version."""
    known = list(known)
    if reference not in known:
        raise Malformed(f"{reference} is not a published protocol: {', '.join(known)}.",
                        field="protocol")
    return reference


def trial_runs(trial: str, since: date, why: str, lifted_by: str) -> NoReturn:
    """Nobody new while the trial is paused."""
    raise WrongMoment(f"{trial} is paused since {day_told(since)}: {why} Nobody new gets a place, an order "
                      f"or an infusion. It goes on when the decision of {lifted_by} is recorded "
                      "and signed.", reasons=("trial paused",))


def not_paused(paused: bool, trial: str) -> None:
    """A trial stands in one pause at a time."""
    if paused:
        raise AlreadyDone(f"{trial} is paused already.")


def still_paused(resumed: bool) -> None:
    """A pause ends once."""
    if resumed:
        raise AlreadyDone("The trial was resumed from this pause before.")


def another_resumes(by: Actor, paused_by: int) -> None:
    """Who paused the trial does not resume it."""
    another_person(by, than=paused_by, who="paused this trial")


def the_board_met_after(met_on: date, paused_on: date) -> None:
    """The board decides about what had happened."""
    if met_on < paused_on:
        raise Malformed(f"The trial was paused on {day_told(paused_on)}: the board that decides about it met "
                        "on that day or after.", field="board_met_on")
