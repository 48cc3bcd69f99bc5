"""What quality control allows: pure sentences over plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.rules import not_before, not_in_the_future
from specs.criterion import FULL_PERCENT, Criterion, Limit, Specification, Stage
from specs.judge import Qualifier

DERIVED = ("passage", "confluence")  # what the lot itself answers, so that nobody types it
STAGES_OF = {
    "cultures": (Stage.IN_PROCESS, Stage.DRUG_SUBSTANCE),
    "lots": (Stage.DRUG_SUBSTANCE, Stage.DRUG_PRODUCT),
    "bags": (Stage.DRUG_PRODUCT, Stage.POST_THAW),
}
WORDS_ONLY = (Limit.ONE_OF, Limit.NONE_OF)
NUMBERS_ONLY = (Limit.AT_LEAST, Limit.AT_MOST, Limit.BETWEEN)


def sampled_where_it_can_be(slug: str, stage: Stage) -> None:
    """A culture, a lot or a bag is sampled, each at its own stages."""
    if slug not in STAGES_OF:
        raise Malformed(f"Samples are taken from {', '.join(STAGES_OF)}, not from {slug}: scan "
                        "the code of what was sampled.", field="taken_from")
    if stage not in STAGES_OF[slug]:
        raise Malformed(f"A sample of {slug} is not taken at the stage “{stage}”: choose "
                        f"{' or '.join(STAGES_OF[slug])}.", field="stage")


def sampled_in_time(taken_at: datetime, began_at: datetime, at: datetime, *, what: str) -> None:
    """Not in the future and not before there was anything to sample."""
    not_in_the_future(taken_at, at, field="taken_at")
    not_before(taken_at, began_at, field="taken_at", what=what)


def thawed_before_sampled(stage: Stage, thawed_at: datetime | None) -> None:
    """A post-thaw sample comes from a thawed bag."""
    if stage is Stage.POST_THAW and thawed_at is None:
        raise WrongMoment("The bag is not thawed: record the thawing, then the sample.")


def some_volume(volume_ml: Decimal | None) -> None:
    """A volume, where given, is above zero and below a litre."""
    if volume_ml is not None and not 0 < volume_ml <= 1000:
        raise Malformed("The volume must be above 0 and at most 1000 mL.", field="volume_ml")


def criterion(specification: Specification, test: str, stage: Stage) -> Criterion:
    """The specification's criterion for this test at this stage, or a refusal naming the known."""
    if test in DERIVED:
        raise Malformed(f"The {test} is taken from the lot's own records: there is nothing to "
                        "record.", field="test")
    known = {each.key: each for each in specification.criteria
             if each.stage == stage and each.key not in DERIVED}
    if test not in known:
        names = f"it knows {', '.join(known)}" if known else "it asks for no test at this stage"
        raise Malformed(f"The specification {specification.reference} has no test “{test}” at "
                        f"the stage “{stage}”: {names}.", field="test")
    return known[test]


def performed_in_time(performed_at: datetime, taken_at: datetime, at: datetime) -> None:
    """A test is done on a sample that was taken, and is recorded once it was done."""
    not_in_the_future(performed_at, at, field="performed_at")
    not_before(performed_at, taken_at, field="performed_at", what="the taking of the sample")


def one_outcome(value: Decimal | None, word: str | None, pending: bool) -> None:
    """A number, or a word, or pending: exactly one of the three."""
    given = [name for name, is_given in
             (("value", value is not None), ("word", word is not None), ("pending", pending))
             if is_given]
    if not given:
        raise Malformed("Give the result: a number, or words, or that it is pending.",
                        field="value")
    if len(given) > 1:
        raise Malformed(f"Give one of {' and '.join(given)}, not both: a result is a number, or "
                        "words, or pending.", field=given[-1])


def measured_as_asked(asked: Criterion, value: Decimal | None, unit: str | None,
                      word: str | None, qualifier: Qualifier) -> None:
    """The number has the criterion's unit and can be; words stand where words are compared."""
    if value is None:
        if unit is not None or qualifier is not Qualifier.EXACT:
            raise Malformed("A unit or a detection limit goes with a number: give the number, or "
                            "leave them out.", field="unit" if unit is not None else "qualifier")
        if word is not None:
            _is_a_word(asked, word)
        return
    if asked.limit in WORDS_ONLY:
        raise Malformed(f"{asked.title} is reported in words ({asked.limit_text}), not as a "
                        "number.", field="value")
    if (unit or "") != asked.reported_unit:
        raise Malformed(f"{asked.title} is reported in {asked.reported_unit or 'no unit'}, not in "
                        f"{unit or 'no unit'}: convert it, or correct the unit.", field="unit")
    _is_possible(value, asked.unit, qualifier)


def _is_a_word(asked: Criterion, word: str) -> None:
    if not word.strip():
        raise Malformed("The words are empty: write what was reported.", field="word")
    if asked.limit in NUMBERS_ONLY:
        raise Malformed(f"{asked.title} is reported as a number ({asked.limit_text}), not in "
                        "words.", field="word")


def _is_possible(value: Decimal, unit: str, qualifier: Qualifier) -> None:
    if value < 0 or (value == 0 and qualifier is Qualifier.BELOW):
        raise Malformed("An amount is never below zero: check the number.", field="value")
    if unit == "%" and (value > FULL_PERCENT
                        or (value == FULL_PERCENT and qualifier is Qualifier.ABOVE)):
        raise Malformed("Nothing is more than 100 %: check the number.", field="value")


def stands(corrected: bool, *, to: str) -> None:
    """Only the result that stands is corrected or confirmed."""
    if corrected:
        raise AlreadyDone(f"This result was corrected: it is the correction that you {to}.")


def has_a_reason(reason: str) -> None:
    """A correction says why."""
    if not reason.strip():
        raise Malformed("Say why the result is corrected.", field="reason")


def can_be_confirmed(pending: bool, confirmed: bool) -> None:
    """There is an outcome, and nobody confirmed it before."""
    if pending:
        raise WrongMoment("The result is still pending: there is nothing to confirm yet.")
    if confirmed:
        raise AlreadyDone("This result was confirmed before; once is all there is.")


# --- a sample's way -----------------------------------------------------------------------------

def not_gone(gone: str | None) -> None:
    """Nothing more is done with a sample that was used up or discarded."""
    if gone:
        raise AlreadyDone(f"The sample is {gone}: take a new one.")


def may_be_sent(under_way_to: str | None) -> None:
    """A sample is in one place."""
    if under_way_to:
        raise WrongMoment(f"The sample is on its way to {under_way_to}: record its receipt there "
                          "first.")


def may_be_received(under_way_to: str | None) -> None:
    """Only what was sent arrives."""
    if not under_way_to:
        raise WrongMoment("The sample is not on its way: record that it was sent, then its "
                          "receipt.")


def moved_in_time(moved_at: datetime, earlier: datetime, at: datetime, *, field: str,
                  what: str) -> None:
    """A sample's way is written in its order."""
    not_in_the_future(moved_at, at, field=field)
    not_before(moved_at, earlier, field=field, what=what)


def there_when_tested(laboratory: str, must_arrive: bool, arrived_at: datetime | None,
                      performed_at: datetime) -> None:
    """An outside laboratory tests what it has received."""
    if not must_arrive:
        return
    if arrived_at is None:
        raise WrongMoment(f"The sample was not received by {laboratory}: record that it was sent "
                          "and received, then the result.", reasons=("sample not received",))
    not_before(performed_at, arrived_at, field="performed_at",
               what=f"the receipt of the sample by {laboratory}")


def not_gone_when_tested(gone: str | None, gone_at: datetime | None,
                         performed_at: datetime) -> None:
    """A test is begun while there is a sample."""
    if gone_at is not None and performed_at > gone_at:
        raise Malformed(f"The sample was {gone} before this test was begun: check the time, or "
                        "take a new sample.", field="performed_at")


# --- replicates ---------------------------------------------------------------------------------

def mean_of(replicates: Sequence[Decimal]) -> Decimal:
    """The mean, exact, rounded half to even to one place more than the replicates have."""
    places = _places(replicates) + 1
    with localcontext(prec=50):
        return _rounded(sum(replicates, Decimal(0)) / len(replicates), places)


def spread_of(replicates: Sequence[Decimal]) -> tuple[Decimal, Decimal | None]:
    """(standard deviation of a sample, coefficient of variation in per cent; None at mean 0).

    s = sqrt(sum((x - mean)^2) / (n - 1)), with Bessel's correction; CV = 100 s / mean.
    """
    with localcontext(prec=50):
        mean = sum(replicates, Decimal(0)) / len(replicates)
        variance = sum(((value - mean) ** 2 for value in replicates), Decimal(0)) / (
            len(replicates) - 1)
        deviation = variance.sqrt()
        variation = 100 * deviation / mean if mean else None
        deviation = _rounded(deviation, _places(replicates) + 1)
        return deviation, None if variation is None else _rounded(variation, 1)


def _places(values: Sequence[Decimal]) -> int:
    """The most figures after the point that any of the values has."""
    return max(0, *(-int(value.as_tuple().exponent) for value in values))


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def replicated(replicates: Sequence[Decimal], value: Decimal | None, word: str | None,
               pending: bool, qualifier: Qualifier) -> Decimal | None:
    """The value of a result: as given, or the mean of its replicates, with which it must agree."""
    if not replicates:
        return value
    if len(replicates) < 2:
        raise Malformed("One value is no replicate: give it as the number.", field="replicates")
    if word is not None or pending or qualifier is not Qualifier.EXACT:
        raise Malformed("Replicates are numbers whose mean is the result: leave out the words, "
                        "“awaited” and the detection limit.", field="replicates")
    mean = mean_of(replicates)
    if value is not None and value != mean:
        raise Malformed(f"The mean of the replicates is {mean}, not {value}: check the numbers, "
                        "or leave the number out.", field="value")
    return mean
