"""What is allowed of adverse events, and which reports of them are due when. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from specs import terms
from specs.protocol import Counted, SafetyReporting, StoppingRule


COUNTED_IN_HOURS = 48


def named(version: str, term: str, other: str | None) -> tuple[str, str | None]:
    """The term of the version's list, or "Other, specify" with its words."""
    words = other.strip() if other and other.strip() else None
    known = {each.name for each in terms.terms(version)}
    if term != terms.OTHER and term not in known:
        raise Malformed(f"CTCAE {version} as kept here has no such term: choose one of its list, "
                        f"or “{terms.OTHER}” with your own words.", field="term")
    if term == terms.OTHER and words is None:
        raise Malformed("Say in words what it is.", field="other")
    if term != terms.OTHER and words is not None:
        raise Malformed(f"A term was chosen: words of your own go with “{terms.OTHER}”.",
                        field="other")
    if words in known:
        raise Malformed(f"“{words}” is a term of the list: choose it.", field="term")
    return term, words


def a_grade(grade: int, *, fatal: bool) -> None:
    """CTCAE grades run from 1 to 5, and 5 is death."""
    if not 1 <= grade <= 5:
        raise Malformed("A grade runs from 1 to 5.", field="grade")
    if (grade == 5) != fatal:
        raise Malformed("Grade 5 is death, and death is grade 5: seriousness, outcome and grade "
                        "must say the same.", field="grade")


def death_throughout(dead: bool, fatal: bool) -> None:
    """Serious because of death, and fatal: both or neither."""
    if dead != fatal:
        raise Malformed("Death as the seriousness and a fatal outcome belong together: check "
                        "both.", field="outcome")


def ended(onset_at: datetime, ended_at: datetime | None, *, ongoing: bool) -> None:
    """An end after the beginning, and none while it goes on."""
    if ended_at is None:
        return
    if ongoing:
        raise Malformed("What goes on has no end yet: check outcome and end.", field="ended_at")
    if ended_at < onset_at:
        raise Malformed("This ends before it began: check both times.", field="ended_at")


def since(infused_at: datetime | None, onset_at: datetime) -> str:
    """When it began, as seen from the last cells given before it; both times on the site's clock.
    Hours while they are few, then days as people count them."""
    if infused_at is None:
        return "before any cells were given"
    minutes = int((onset_at - infused_at).total_seconds()) // 60
    if minutes < COUNTED_IN_HOURS * 60:
        return f"{minutes // 60} h {minutes % 60} min after the cells began"
    days = (onset_at.date() - infused_at.date()).days
    return f"day {days} after the cells (their day is day 0)"


def known_after_onset(onset_at: datetime, known_at: datetime) -> None:
    """Nobody knows of an event before it begins."""
    if known_at < onset_at:
        raise Malformed("The investigator cannot have known before it began: check both times.",
                        field="known_at")


def says_something_new(before: Sequence[object], now: Sequence[object]) -> None:
    """Follow-up information differs from what is known."""
    if tuple(before) == tuple(now):
        raise AlreadyDone("Nothing here differs from what is known already.")


def changed_mind(before: tuple[str, str | None] | None, now: tuple[str, str | None],
                 reason: str | None) -> None:
    """A further opinion of the same side says something else, and why."""
    if before is None:
        return
    was = " and ".join(word for word in before if word)
    if before == now:
        raise AlreadyDone(f"This side's opinion is “{was}” already.", field="cause")
    if not reason or not reason.strip():
        raise Malformed(f"The opinion was “{was}”. Say why it changes; both stay to be read.",
                        field="reason")


# --- expedited reports --------------------------------------------------------------------------

@dataclass(frozen=True)
class Known:
    """A version of what is known, as the clock asks: the day (of the site) it reached the
    sponsor, whether it was serious then, and fatal or life-threatening."""

    number: int
    on: date
    serious: bool
    urgent: bool


@dataclass(frozen=True)
class Sent:
    """A report that went out: on which day, and up to which version it told."""

    on: date
    version: int


@dataclass(frozen=True)
class Due:
    """A report that is due: which, on which day at the latest, and how that day is counted."""

    what: str
    on: date
    days: int
    counted_from: date

    def days_left(self, today: date) -> int:
        """Below zero: overdue."""
        return (self.on - today).days

    def overdue(self, today: date) -> bool:
        return today > self.on


def reportable(*, serious: bool, after_the_cells: bool, related: bool | None,
               expected: bool | None) -> bool:
    """Whether the clock runs: serious, after cells were given, and neither said by all who spoke
    to be unrelated nor by the sponsor to be expected. Who has not spoken stops no clock."""
    return serious and after_the_cells and related is not False and expected is not True


def report_due(known: Sequence[Known], sent: Sequence[Sent], rule: SafetyReporting) -> Due | None:
    """The next expedited report of a reportable event; None when all was sent.

    Days count from the day after the sponsor knew. Seven where it is fatal or life-threatening,
    else fifteen; what makes it so later begins seven days of its own. A report within seven days
    is completed within eight more; news after a report follow within eight.
    """
    if not sent:
        dues = [_due("first report", each.on, rule.susar_fatal_or_life_threatening_days
                     if each.urgent else rule.susar_other_days) for each in known if each.serious]
        return min(dues, key=lambda due: due.on, default=None)
    told = max(each.version for each in sent)
    news = [each for each in known if each.number > told]
    if news:
        worse = news[0].urgent and not any(each.urgent for each in known if each.number <= told)
        return _due("follow-up report", news[0].on, rule.susar_fatal_or_life_threatening_days
                    if worse else rule.susar_follow_up_days)
    if len(sent) == 1 and any(each.urgent for each in known):
        return _due("completing report", sent[0].on, rule.susar_follow_up_days)
    return None


def _due(what: str, counted_from: date, days: int) -> Due:
    return Due(what, counted_from + timedelta(days=days), days, counted_from)


def may_be_sent(number_of_versions: int, told: int, *, serious: bool, sent: int,
                completing: bool) -> None:
    """Only serious events go out in haste; a further report tells something new, or completes."""
    if not serious:
        raise WrongMoment("This event is not serious: no expedited report is due.",
                          reasons=("not serious",))
    if sent and told >= number_of_versions and not completing:
        raise AlreadyDone("All that is known of this event was reported: record what is new "
                          "first.")


# --- the stopping rule --------------------------------------------------------------------------

@dataclass(frozen=True)
class EventFacts:
    """What the stopping rule asks of an adverse event. Times on the site's clock."""

    grade: int
    onset_at: datetime
    infused_at: datetime | None  # the last bag begun before the onset
    related: bool | None  # by either side's latest opinion; None: nobody has said


def pauses(rule: StoppingRule, days: int, event: EventFacts) -> bool:
    """Whether this event pauses the trial.

    It counts from its grade on; where the rule asks for an infusion-related one, it began within
    the protocol's days of an infusion, and nobody has said yet or one side says: related.
    """
    if event.grade < rule.grade_min:
        return False
    if not rule.infusion_related_only:
        return True
    return event.related is not False and within_days(event.infused_at, event.onset_at, days)


def within_days(infused_at: datetime | None, onset_at: datetime, days: int) -> bool:
    """During the infusion or on one of the first ``days`` days after its day.

    Both times on the site's clock: days are counted as people count them.
    """
    return infused_at is not None and infused_at <= onset_at and (
        (onset_at.date() - infused_at.date()).days <= days)


def events_that_count(
    rule: StoppingRule, cohort: int | None, decided: Collection[str],
    pausing: Iterable[tuple[str, int | None]],
) -> list[str]:
    """The events that count towards the stopping rule: of this cohort or of the whole trial, as
    the rule says, but those the board has decided about. ``pausing``: code and cohort of each."""
    return [code for code, theirs in pausing if code not in decided
            and (rule.counted_within is Counted.TRIAL or theirs == cohort)]
