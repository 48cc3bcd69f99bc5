"""What is allowed with a donor, and what a donor's tests put on every label downstream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from labels.wording import Caution, Language, caution
from mscbank.donors.models import Agent, Kinship, Reaction
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.recipients.models import Sex
from mscbank.rules import count_told

ADULT = 18
FEMALE = frozenset({Kinship.MOTHER, Kinship.SISTER, Kinship.DAUGHTER})
MALE = frozenset({Kinship.FATHER, Kinship.BROTHER, Kinship.SON})
OLDER = frozenset({Kinship.MOTHER, Kinship.FATHER, Kinship.GRANDPARENT})
YOUNGER = frozenset({Kinship.DAUGHTER, Kinship.SON})
# Antibodies most adults carry: they tell of an old infection, and put no warning on a label.
IMMUNE_STATUS = frozenset({Agent.CMV, Agent.EBV, Agent.TOXOPLASMA})
HLA_LOCI = ("A", "B", "C", "DRB1", "DRB3", "DRB4", "DRB5", "DQA1", "DQB1", "DPA1", "DPB1")


def kinship_allowed(kinship: Kinship, allowed: Iterable[str], protocol: str) -> None:
    """The protocol names the relatives who may give."""
    if kinship not in set(allowed):
        raise Unfit(f"{protocol} does not take marrow from a {kinship}: it allows "
                    f"{', '.join(allowed)}.", field="kinship", reasons=("kinship",))


def kinship_fits(kinship: Kinship, sex: Sex, born: date, recipient_born: date) -> None:
    """A mother is a woman and older than her child."""
    if (kinship in FEMALE and sex != Sex.FEMALE) or (kinship in MALE and sex != Sex.MALE):
        raise Malformed(f"A {kinship} is not {sex}: check kinship and sex.", field="sex")
    if kinship in OLDER and born >= recipient_born:
        raise Malformed(f"A {kinship} was born before the recipient: check both birth dates.",
                        field="birth_date")
    if kinship in YOUNGER and born <= recipient_born:
        raise Malformed(f"A {kinship} was born after the recipient: check both birth dates.",
                        field="birth_date")


def is_the_recipient(same: bool, number: str) -> None:
    """Who gives for themselves is the recipient: name, birth date and sex are theirs."""
    if not same:
        raise Malformed(f"This is not {number}: for marrow of one's own give the recipient's name, "
                        "birth date and sex.", field="kinship")


def adult(age: int) -> None:
    """Nobody under age gives marrow for a trial."""
    if age < ADULT:
        raise Unfit(f"The donor was {count_told(max(age, 0), 'year')} old on that day; a donor "
                    f"must be at least {ADULT} to consent.", field="given_on", reasons=("under age",))


def not_tested_then(agent: Agent, sampled_at: datetime,
                    known: Iterable[tuple[Agent, datetime]]) -> None:
    """One result for one agent in one blood sample."""
    if (agent, sampled_at) in set(known):
        raise AlreadyDone(f"{agent} of this blood sample is recorded already: correct it if it "
                          "is wrong.", field="agent")


def something_to_correct(standing: Sequence[object], agent: Agent) -> None:
    """Only what was recorded can be corrected."""
    if not standing:
        raise WrongMoment(f"No {agent} is recorded for this donor: record it instead.",
                          field="agent")


def something_recorded(markers: Sequence[object], number: str) -> None:
    """Before the first result there is nothing to correct."""
    if not markers:
        raise WrongMoment(f"No marker is recorded for {number} yet.")


def a_change(value: object, was: object) -> None:
    """A correction changes something."""
    if value == was:
        raise AlreadyDone("This is what is recorded already: nothing to correct.")


def a_known_locus(locus: str) -> None:
    """The classical HLA loci."""
    if locus not in HLA_LOCI:
        raise Malformed(f"{locus} is not a locus typed here: {', '.join(HLA_LOCI)}.",
                        field="locus")


def an_allele_of(locus: str, allele: str, field: str) -> None:
    """An allele as the laboratory wrote it: ``02:01``, ``DRB1*15:01``, or ``-`` for a blank."""
    name, star, fields = allele.rpartition("*")
    if star and name.removeprefix("HLA-") != locus:
        raise Malformed(f"{allele} is not an allele of {locus}.", field=field)
    if fields != "-" and not all(part.rstrip("GPNLSQAC").isdigit() for part in fields.split(":")):
        raise Malformed(f"{allele} is not written as an allele, such as 02:01: copy it from the "
                        "laboratory's report.", field=field)


def not_typed(locus: str, alleles: set[str], typed: Sequence[set[str]]) -> None:
    """The same typing is recorded once."""
    if typed and typed[-1] == alleles:
        raise AlreadyDone(f"HLA-{locus} of this donor is recorded so already.", field="locus")


def reactive(reactions: Iterable[tuple[Agent, Reaction]]) -> tuple[str, ...]:
    """The agents that call for a warning, in the order of the list.

    One reactive sample is enough: a later non-reactive one does not undo it.
    """
    worst: dict[Agent, Reaction] = {}
    for agent, reaction in reactions:
        if agent in IMMUNE_STATUS or reaction == Reaction.NON_REACTIVE:
            continue
        if worst.get(agent) != Reaction.REACTIVE:
            worst[agent] = reaction
    return tuple(str(agent) + (" (indeterminate)" if worst[agent] == Reaction.INDETERMINATE else "")
                 for agent in Agent if agent in worst)


def missing(tested: Iterable[Agent], required: Iterable[str]) -> tuple[str, ...]:
    """The agents the protocol asks for and no sample was tested for."""
    return tuple(sorted(set(required) - {str(agent) for agent in tested},
                        key=list(required).index))


def warnings(
    reactive_agents: tuple[str, ...], missing_agents: tuple[str, ...], *, by_exception: bool,
    autologous: bool = False,
) -> tuple[str, ...]:
    """The English legends for the labels of everything made from this marrow.

    As 21 CFR 1271.90(c) asks of a blood relative's cells: untested ones are "not evaluated", those
    of a donor who is not eligible are a biological hazard, reactive tests are named. Cells for
    their own donor say so, and advise nobody of another's diseases.
    """
    if autologous:
        own = [Caution.AUTOLOGOUS, *([Caution.NOT_EVALUATED] if missing_agents else []),
               *([Caution.BIOHAZARD, Caution.REACTIVE] if reactive_agents else [])]
        return tuple(caution(Language.EN, each, reactive_agents) for each in own)
    if not (reactive_agents or missing_agents or by_exception):
        return ()
    wanted = [Caution.ADVISE_RECIPIENT]
    if missing_agents:
        wanted.insert(0, Caution.NOT_EVALUATED)
    if reactive_agents or not missing_agents:
        wanted.insert(0, Caution.BIOHAZARD)
    if reactive_agents:
        wanted.append(Caution.REACTIVE)
    return tuple(caution(Language.EN, each, reactive_agents) for each in wanted)


def nothing_speaks_against(reactive_agents: tuple[str, ...], missing_agents: tuple[str, ...],
                           number: str) -> None:
    """Eligible means every marker of the protocol was tested and none reacted."""
    against = ([f"not tested for {', '.join(missing_agents)}"] if missing_agents else []) + (
        [f"reactive for {', '.join(reactive_agents)}"] if reactive_agents else [])
    if against:
        raise Unfit(f"{number} is {' and '.join(against)}: complete the tests, accept by signed "
                    "exception, or find not eligible.", reasons=("donor tests",))


def justified(justification: str) -> None:
    """A decision against the rule says why."""
    if not justification.strip():
        raise Malformed("Say why: the justification is part of what you sign.",
                        field="justification")


def not_decided_so(outcome: str, standing: str | None, covered: bool, number: str) -> None:
    """The same decision over the same tests is made once."""
    if standing == outcome and covered:
        raise AlreadyDone(f"{number} is {outcome} already, and nothing changed since.")


def markers_of_sample(required: Iterable[str], sampled: Mapping[str, Iterable[datetime]],
                      collected_at: datetime, days_max: int, *, missing_accepted: bool) -> None:
    """Every marker comes from blood taken within so many days before the marrow.

    ``sampled``: the times of blood samples by agent. An agent never tested passes only where a
    physician accepted that by exception.
    """
    stale = []
    for agent in required:
        days = [(collected_at - each).total_seconds() / 86400 for each in sampled.get(agent, ())]
        if not days and missing_accepted:
            continue
        if not any(0 <= each <= days_max for each in days):
            stale.append(agent)
    if stale:
        raise Unfit(f"No blood sample of the {count_told(days_max, 'day')} before the collection was "
                    f"tested for {', '.join(stale)}: test the donor again and decide again.",
                    field="collected_at", reasons=("donor tests too old",))
