"""What quality assurance allows: pure sentences over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from mscbank.bags.lifecycle import RELEASED, Place, Standing
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.rules import count_told
from specs.judge import Finding, Outcome, conditionally_releasable, releasable

GOOD = (Outcome.PASS, Outcome.INFORMATIVE)
MOST_TOLD = 4  # criteria in a sentence; the reasons beside it name them all


def certifiable(findings: Sequence[Finding]) -> None:
    """Every criterion passes."""
    if not releasable(findings):
        raise Unfit(f"The lot does not meet its specification: {unmet(findings)}. Record what is "
                    "missing, reject the lot, or ask the physician for an exceptional release.",
                    reasons=outcomes(findings))


def conditionally_fit(findings: Sequence[Finding]) -> None:
    """Only what the specification lets wait is awaited, and something is."""
    if not conditionally_releasable(findings):
        raise Unfit(f"The lot cannot go out conditionally: {unmet(findings)}. Only results that "
                    "the specification lets wait may be pending.", reasons=outcomes(findings))
    if releasable(findings):
        raise Unfit("Nothing is awaited and every criterion passes: certify the lot.")


def in_need_of_an_exception(findings: Sequence[Finding]) -> None:
    """An exception is for a lot that does not meet every limit."""
    if releasable(findings):
        raise Unfit("The lot meets every criterion: it needs no exception. Certify it.")


def unmet(findings: Iterable[Finding]) -> str:
    """What stands in the way, in words: what failed first, and no more than can be read."""
    bad = sorted((each for each in findings if each.outcome not in GOOD),
                 key=lambda each: each.outcome is not Outcome.FAIL)
    told = "; ".join(each.sentence for each in bad[:MOST_TOLD]) or "nothing was judged"
    return told + (f"; and {len(bad) - MOST_TOLD} more" if len(bad) > MOST_TOLD else "")


def outcomes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Short words for the trail: which test stands in the way, and how."""
    return tuple(f"{each.key} {each.outcome}" for each in findings if each.outcome not in GOOD)


def nothing_open(holds: Sequence[str], deviations: Sequence[str],
                 investigations: Sequence[str] = ()) -> None:
    """No open hold on the lot (their reasons), no open major or critical deviation, no open
    investigation of a result (their titles)."""
    if holds:
        raise Unfit(f"The lot is held ({'; '.join(holds)}): lift the hold first.",
                    reasons=("held",))
    if deviations:
        raise Unfit(f"Open and not minor: {', '.join(deviations)}. Close what is open first.",
                    reasons=("deviation open",))
    if investigations:
        raise Unfit(f"Not concluded: {', '.join(investigations)}. Conclude what is investigated, "
                    "then decide.", reasons=("investigation open",))


def made_of_sound_parts(donor_ineligible: bool, blocked_reagents: Sequence[str]) -> None:
    """The donor was not found ineligible since, and no reagent was blocked since."""
    if donor_ineligible:
        raise Unfit("The donor was found not eligible: reject the lot, or have the physician "
                    "decide on the donor again.", reasons=("donor not eligible",))
    if blocked_reagents:
        raise Unfit(f"Made with reagents that are blocked now: {', '.join(blocked_reagents)}. "
                    "Reject the lot, or have the reagent judged again.",
                    reasons=("blocked reagent",))


def trail_reviewed(unread: Sequence[tuple[int, str]]) -> None:
    """What was written about the lot's family was read and signed for: (entry, act) of the rest."""
    if unread:
        entry, act = unread[0]
        raise Unfit(f"Not reviewed yet: {len(unread)} of the trail's entries about this lot's "
                    f"family, the first entry {entry} (“{act}”). Review the lot's trail, then decide.",
                    reasons=("trail not reviewed",))


def something_to_review(unread: int) -> None:
    """A review is of entries that nobody has reviewed."""
    if not unread:
        raise AlreadyDone("Every entry about this lot's family was reviewed: nothing was written "
                          "since that needs a review.")


def a_span_to_review(first: int, up_to: int, end: int, *, most: int) -> None:
    """From where the review before ended, to an entry that stands, and not too many at once."""
    if up_to > end:
        raise Malformed(f"The trail ends at entry {end}: review at most up to there.",
                        field="up_to")
    if up_to < first:
        raise AlreadyDone(f"Entries up to {first - 1} were reviewed before: the next review "
                          f"begins at entry {first}.")
    if up_to - first >= most:
        raise Malformed(f"That is {count_told(up_to - first + 1, 'entry', 'entries')}, and {most} "
                        f"are the most that can be read at once: review up to entry "
                        f"{first + most - 1} first.", field="up_to")


def took_no_part(by: int, username: str, took_part: Iterable[tuple[int | None, str]]) -> None:
    """Who decides neither recorded nor confirmed any result that stands: (account, test) pairs."""
    tests = sorted({test for person, test in took_part if person == by})
    if tests:
        raise SamePerson(f"{username} recorded or confirmed a result of this lot "
                         f"({', '.join(tests)}): another person must decide.")


def renewable(standing: Standing, enters: Standing, covers: bool) -> bool:
    """Whether the act renews the decision that stands instead of moving the lot.

    Refused while the signature covers: there is nothing to renew.
    """
    if standing != enters or standing not in RELEASED:
        return False
    if covers:
        raise AlreadyDone(f"The lot is {standing} already, and the signature covers its record.")
    return True


def requested(exists: bool, covers: bool) -> None:
    """The physician asked for this lot, over the record as it now stands."""
    if not exists:
        raise Unfit("No physician has requested this lot by signature: ask for the request first.",
                    reasons=("not requested",))
    if not covers:
        raise Unfit("The record changed after the physician's request: the physician must read it "
                    "again and renew the request.", reasons=("request does not cover",))


def may_be_requested(standing: Standing, decision_covers: bool, request_covers: bool) -> None:
    """A request is for a lot that may still be released exceptionally, and is made once."""
    if standing not in (Standing.PENDING, Standing.CONDITIONAL, Standing.EXCEPTIONAL):
        raise WrongMoment(f"The lot is {standing}: an exceptional release is requested for a lot "
                          "that is pending or released conditionally.")
    if request_covers or (standing is Standing.EXCEPTIONAL and decision_covers):
        raise AlreadyDone("This request was made before, and the record has not changed since.")


def said(text: str, *, field: str) -> None:
    """A reason is given in words."""
    if not text.strip():
        raise Malformed("Say why, in words.", field=field)


def lot_can_be_held(standing: Standing) -> None:
    """A hold stops what could still be used."""
    if standing is Standing.REJECTED:
        raise WrongMoment("The lot is rejected: none of its bags can be used, so there is nothing "
                          "to hold.")


def bag_can_be_held(place: Place) -> None:
    """A hold stops what could still be used."""
    if place in (Place.INFUSED, Place.DESTROYED):
        raise WrongMoment(f"The bag is {place}, so there is nothing to hold: open a deviation "
                          "about it.")


def still_in_force(ended: bool, *, what: str) -> None:
    """What is lifted or closed is in force."""
    if ended:
        raise AlreadyDone(f"This {what} was ended before; once is all there is.")


def reinstatable(found_by_the_bank: bool, failing: Sequence[Finding],
                 accepted: Iterable[tuple[str, str]]) -> None:
    """A lot waits for a decision again only where a result that stands no more had stopped it.

    ``accepted`` are (test, stage) that an exceptional release had named as failing: they stopped
    nothing.
    """
    if not found_by_the_bank:
        raise WrongMoment("Quality assurance declared this lot nonconforming by signature: that "
                          "stays. Only a lot stopped by a result that was in error is reinstated.")
    known = set(accepted)
    stays = [each for each in failing if (each.key, str(each.stage)) not in known]
    if stays:
        raise Unfit(f"The lot still fails: {unmet(stays)}. Only a result that was in error, and "
                    "is corrected, lets it wait for a decision again.", reasons=outcomes(stays))


def deviation_open(title: str, closed: bool) -> None:
    """What is said and done about a deviation is said and done before it is closed."""
    if closed:
        raise WrongMoment(f"{title} is closed: open a new deviation about what came up since.")


def another_severity(now: str, wanted: str) -> None:
    """A classification changes something."""
    if now == wanted:
        raise AlreadyDone(f"The deviation is {now} already.", field="severity")


def investigated(title: str, needed: bool, investigations: int) -> None:
    """A major or critical deviation has a cause before it is closed."""
    if needed and not investigations:
        raise WrongMoment(f"{title} is not minor and was not investigated: write down its cause "
                          "and what it means for this and other lots first.",
                          reasons=("not investigated",))


def actions_completed(actions: Sequence[tuple[str, bool, bool | None]]) -> None:
    """Every action, as (title, finished, found effective), is finished and verified; what was
    found not to work is followed by one that does."""
    unfinished = [title for title, finished, _ in actions if not finished]
    unverified = [title for title, finished, effective in actions
                  if finished and effective is None]
    if unfinished or unverified:
        raise WrongMoment("; ".join(
            f"{', '.join(titles)} is still to be {what}" for titles, what in (
                (unfinished, "finished by its owner"), (unverified, "verified")) if titles)
            + ". Then close the deviation.", reasons=("open action",))
    if actions and actions[-1][2] is False:
        raise WrongMoment(f"{actions[-1][0]} was found not to be effective: add another action "
                          "first.", reasons=("not effective",))


def due_ahead(due: date, today: date) -> None:
    """An action is due today or later."""
    if due < today:
        raise Malformed("This day is over: give the day until which it is to be done.",
                        field="due_on")


def owner_known(username: str, exists: bool, ended: bool) -> None:
    """An action belongs to somebody who works here."""
    if not exists:
        raise Malformed(f"Nobody here has the user name {username}: check it.", field="owner")
    if ended:
        raise Malformed(f"The account {username} has ended: name somebody else.", field="owner")


def finishes(by: int, owner: int, owner_name: str, *, in_place: bool) -> None:
    """An action is finished by its owner; where the owner has left (``in_place``), by quality
    assurance."""
    if by != owner and not in_place:
        raise NotAllowed(f"This action is {owner_name}'s to finish.")


def not_finished(finished: bool) -> None:
    """Once is all there is."""
    if finished:
        raise AlreadyDone("This action was finished before.")


def to_be_verified(finished: bool, verified: bool) -> None:
    """What is verified was finished, and was not verified before."""
    if verified:
        raise AlreadyDone("This action was verified before.")
    if not finished:
        raise WrongMoment("This action is not finished yet: its owner says first what was done.")


def places_in_words(bags: Iterable[tuple[int, str]]) -> str:
    """Where every bag is, by place: ``infused: 1-2, 5; stored: 3, 4``."""
    by_place: dict[str, list[int]] = {}
    for number, place in bags:
        by_place.setdefault(str(place), []).append(number)
    return "; ".join(f"{place}: {_ranges(sorted(numbers))}"
                     for place, numbers in sorted(by_place.items()))


def _ranges(numbers: Sequence[int]) -> str:
    """``1, 2, 3, 5`` as ``1-3, 5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
