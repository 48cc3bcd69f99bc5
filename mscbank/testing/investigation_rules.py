"""What the path of a result out of specification allows: pure sentences over plain values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mscbank.errors import AlreadyDone, Malformed, SamePerson, Unfit, WrongMoment


def needs_investigation(fails: bool) -> None:
    """Only a result that fails its criterion is investigated."""
    if not fails:
        raise WrongMoment("The result does not fail its criterion: there is nothing to "
                          "investigate. Open a deviation if something else went wrong.")


def not_investigated(number: str | None) -> None:
    """A result has one investigation."""
    if number:
        raise AlreadyDone(f"{number} is the investigation of this result; once is all there is.")


def corrected_only_before(number: str | None) -> None:
    """Once a result is investigated, the investigation says what becomes of it."""
    if number:
        raise WrongMoment(f"{number} investigates this result: it is no longer corrected by "
                          "hand. Conclude the investigation; where it proves a laboratory error, "
                          "record a retest.", reasons=("under investigation",))


def still_open(concluded: bool, number: str) -> None:
    """A concluded investigation stays as it was signed."""
    if concluded:
        raise AlreadyDone(f"{number} is concluded and signed: nothing is added to it.")


def answered_whole(answers: Mapping[str, tuple[bool, str | None]]) -> None:
    """What was not in order is said in words."""
    for point, (in_order, words) in answers.items():
        if not in_order and not words:
            raise Malformed("Say what was not in order.", field=f"{point}_words")


def concludable(answered: bool, number: str) -> None:
    """The laboratory looks first."""
    if not answered:
        raise WrongMoment(f"The laboratory's checklist of {number} is not answered yet: answer "
                          "it, then conclude.")


def took_no_part(by: int, username: str, took_part: Collection[int | None]) -> None:
    """Who concludes neither recorded nor confirmed the result, nor one it corrects."""
    if by in took_part:
        raise SamePerson(f"{username} recorded or confirmed this result: another person of "
                         "quality assurance must conclude.")


def has_a_cause(error_proven: bool, all_in_order: bool) -> None:
    """An error is proven by a point of the checklist that was not in order."""
    if error_proven and all_in_order:
        raise Unfit("Every point of the checklist was found in order, so no laboratory error is "
                    "proven: answer the checklist again with what was found, or confirm the "
                    "result as out of specification.", reasons=("no assignable cause",))


def no_test_into_compliance(open_number: str | None, set_aside: str | None) -> None:
    """No passing result is put beside one that is investigated or waits for its retest."""
    if open_number:
        raise WrongMoment(f"{open_number} about this test is open: conclude it first; a retest "
                          "follows where it proves a laboratory error.",
                          reasons=("under investigation",))
    if set_aside:
        raise WrongMoment(f"An earlier result of this test was set aside: say that this is its "
                          f"retest, by its code {set_aside}.", reasons=("retest",))


def answers_the_same(same: bool) -> None:
    """A retest repeats the same test on the same thing."""
    if not same:
        raise Malformed("A retest repeats the same test, at the same stage, on the same lot or "
                        "culture: this code names a result of something else.", field="retest_of")


def retest_allowed(set_aside: bool, retested: bool, title: str, asides: int,
                   retests: int) -> None:
    """A concluded investigation proved an error, and the specification allows one test more."""
    if not set_aside:
        raise WrongMoment("No concluded investigation proved a laboratory error in that result: "
                          "it stands, and is not tested again.", reasons=("no retest",))
    if retested:
        raise AlreadyDone("That result was tested again already: it is that retest which stands.")
    if asides > retests:
        allowed = f"{retests} retest{'' if retests == 1 else 's'}" if retests else "no retest"
        raise Unfit(f"The specification allows {allowed} of {title}, and {asides} "
                    f"result{' was' if asides == 1 else 's were'} set aside: the lot is decided "
                    "without another.", reasons=("no retest left",))
