"""Which chapters make up each family's story: the twenty of the trial, and those of today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from mscbank.demo import quality, ward, years
from mscbank.demo.bench import Bench, at, working_day
from mscbank.demo.families import Family, Turn
from mscbank.demo.story import Telling, Thread, collection, donation, enrolment, expansion
from mscbank.demo.story import filling, mishaps
from mscbank.donors.models import Kinship
from mscbank.recipients.models import Sex

FAILS = {Turn.FAILED_VIABILITY: "Viability 61.0 % is below the limit of 70 %.",
         Turn.FAILED_STERILITY: "Growth in the sterility culture on day 6."}


def trial_family(bench: Bench, family: Family, index: int) -> Telling:
    """One family of the reference trial, from consent to the end of follow-up."""
    t = Thread(bench, family, index)
    yield from enrolment(t)
    yield from donation(t)
    day = working_day(family.enrolled + timedelta(days=21))
    if family.turn in FAILS:
        yield from _made_in_vain(t, day)
        day = working_day(day + timedelta(days=49))
    infused = yield from _made(t, day)
    yield from years.years_after(t, infused)


def _made_in_vain(t: Thread, day: date) -> Telling:
    """A lot that fails: rejected, destroyed; the donor is asked once more."""
    yield from collection(t, day)
    culture = yield from expansion(t, day)
    filled = day + timedelta(days=19)
    yield from filling(t, culture, filled, 2)
    low = t.family.turn == Turn.FAILED_VIABILITY
    yield from quality.testing_begins(t, t.lot, filled, viability="61.0" if low else "90.4")
    back = filled + timedelta(days=quality.BACK_AFTER)
    yield from quality.results_arrive(t, t.lot, back,
                                      sterility="negative" if low else "growth")
    yield from quality.fails_and_is_rejected(t, t.lot, back, FAILS[t.family.turn])
    yield from _donor_again(t, back + timedelta(days=4))


def _donor_again(t: Thread, day: date) -> Telling:
    """Fresh markers and a fresh decision before a second collection."""
    from mscbank.demo.story import LABORATORY
    from mscbank.donors import service as donors
    from mscbank.donors.models import Agent, Reaction
    from mscbank.signatures.meanings import Meaning

    day = working_day(day)
    yield at(day, "11:30")
    for agent in (Agent.HIV, Agent.HBSAG, Agent.ANTI_HBC, Agent.HCV, Agent.SYPHILIS):
        donors.record_marker(t.donor, agent, Reaction.NON_REACTIVE, at(day, "09:15"), LABORATORY,
                             **t.by("hugo"))
    yield at(day, "15:30")
    donors.find_eligible(t.donor, **t.bench.signed(
        "dr.moreau", Meaning.DONOR_ELIGIBLE, donors.donor_record(t.donor)))


def _made(t: Thread, day: date) -> Telling:
    """A lot that is given; returns the day of the infusion."""
    turn = t.family.turn
    yield from collection(t, day)
    culture = yield from expansion(t, day)
    filled = day + timedelta(days=19)
    yield from filling(t, culture, filled, 2 if t.index < 10 else 4)
    yield from quality.testing_begins(t, t.lot, filled)
    yield from mishaps(t, filled)
    back = filled + timedelta(days=quality.BACK_AFTER)
    early = turn in (Turn.CONDITIONAL, Turn.LATE_POSITIVE)
    given = working_day(filled + timedelta(days=7 if early else 28))
    if early:
        yield from quality.decide(t, t.lot, "release conditionally", filled + timedelta(days=2))
    else:
        yield from quality.results_arrive(t, t.lot, back)
        if turn == Turn.EXCEPTIONAL:
            yield from _by_exception(t, back)
        else:
            yield from quality.decide(t, t.lot, "certify", back + timedelta(days=1))
    yield from ward.ordered(t, given)
    yield from ward.brought(t, given)
    yield from ward.infused(t, given)
    if early:
        yield from _late_results(t, back)
    return given


def _by_exception(t: Thread, back: date) -> Telling:
    """A marker misses its limit when it is read again: the physician asks, quality decides."""
    yield from quality.reads_again(t, t.lot, back)
    yield from quality.request_exception(t, t.lot, back + timedelta(days=1))
    yield from quality.decide(t, t.lot, "release exceptionally", back + timedelta(days=1))


def _late_results(t: Thread, back: date) -> Telling:
    """What was pending at the infusion comes in: good news, or the bad news afterwards."""
    positive = t.family.turn == Turn.LATE_POSITIVE
    yield from quality.results_arrive(t, t.lot, back, sterility="growth" if positive else "negative")
    if positive:
        yield at(back, "11:30")
        ward.read_alerts(t)
        yield from quality.deviation_is_worked_through(t, t.lot, back)
    else:
        yield from quality.decide(t, t.lot, "certify", back + timedelta(days=1))


FOLLOW_ON = "follow-on-2"
_TODAY: tuple[tuple[int, str, str, Sex, str, str, Kinship], ...] = (
    (1, "culture", "Ulysse Arnaud", Sex.MALE, "71.0", "Flora Arnaud", Kinship.SISTER),
    (2, "quality", "Valerie Brun", Sex.FEMALE, "60.0", "Cecile Brun", Kinship.SISTER),
    (3, "ward", "Wanda Costa", Sex.FEMALE, "62.0", "Hector Costa", Kinship.BROTHER),
    (4, "label", "Xavier Denis", Sex.MALE, "78.0", "Leon Denis", Kinship.BROTHER),
    (5, "donor", "Yvonne Esteve", Sex.FEMALE, "55.0", "Iris Esteve", Kinship.DAUGHTER),
    (6, "followed", "Zoe Faivre", Sex.FEMALE, "64.0", "Armand Faivre", Kinship.BROTHER),
)


def today(bench: Bench, now: date) -> list[Telling]:
    """The families in progress on this day, each with its next step to be done by hand."""
    return [_until_today(bench, now, 30 + number, *row)
            for number, *row in _TODAY]


def _until_today(bench: Bench, now: date, index: int, where: str, name: str, sex: Sex, kg: str,
                 donor: str, kinship: Kinship) -> Telling:
    begins = {"culture": 25, "quality": 60, "ward": 68, "label": 40, "donor": 8,
              "followed": 162}[where]
    enrolled = now - timedelta(days=begins)
    young = kinship == Kinship.DAUGHTER
    family = Family(enrolled, name, date(1965, 4, index % 28 + 1), sex, Decimal(kg), 20 + index % 9,
                    donor, date(1995 if young else 1968, 2, index % 28 + 1), kinship, Decimal(0))
    t = Thread(bench, family, index, FOLLOW_ON)
    yield from enrolment(t)
    if where == "donor":
        return
    yield from donation(t)
    collected = enrolled + timedelta(days=21)
    yield from collection(t, collected)
    culture = yield from expansion(t, collected, until="seeded" if where == "culture" else "counted",
                                   kept_back=2 if where == "quality" else 0)
    if where == "culture":
        return
    filled = collected + timedelta(days=19)
    yield from filling(t, culture, filled, 4, labels=where != "label")
    if where == "label":
        return
    yield from quality.testing_begins(t, t.lot, filled)
    yield from quality.results_arrive(t, t.lot, filled + timedelta(days=quality.BACK_AFTER))
    if where == "quality":
        return
    yield from quality.decide(t, t.lot, "certify", filled + timedelta(days=quality.BACK_AFTER + 1))
    if where == "ward":
        yield from ward.ordered_today(t)
        return
    given = working_day(filled + timedelta(days=28))
    yield from ward.ordered(t, given)
    yield from ward.brought(t, given)
    yield from ward.infused(t, given)
    yield from years.so_far(t, given, now)
