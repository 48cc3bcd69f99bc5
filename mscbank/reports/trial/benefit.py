"""How the measures went: each visit against the day of the infusion, in the same people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mscbank.reports.course import HEIGHT, LEFT, RIGHT, TOP, WIDTH
from mscbank.reports.layout import Tone
from mscbank.reports.sketch import Ink, Mark, Rule, Sign, Sketch, Way, Words, steps
from mscbank.reports.trial.facts import Person, Study
from mscbank.reports.trial.figures import NOTHING, Chapter, Figure, Line, lying, people, rounded
from mscbank.reports.trial.statistics import PAIRED, QUARTILES, Paired, paired, spread
from specs.protocol import Visit

MEASURES = (("mrss", "Modified Rodnan skin score, points"), ("fvc_percent", "FVC, % of predicted"),
            ("dlco_percent", "DLCO, % of predicted"), ("haq_di", "HAQ-DI, points"))
BOTTOM = 40
HEAD = ("People", "Median (quartiles)", "Pairs", "Mean change", "Wilcoxon W", "p (Wilcoxon)", "t",
        "p (t)")


def courses(study: Study) -> list[Chapter]:
    """A chapter for each measure that was taken after the cells."""
    return [chapter for column, title in MEASURES
            if (chapter := _course(study, column, title)) is not None]


def _course(study: Study, column: str, title: str) -> Chapter | None:
    visits = [visit for visit in study.protocol.visits if visit.month]
    before = [(each, value) for each in study.infused
              if (value := each.before(column)) is not None]
    lines = [Line("Before the cells", (people(each for each, _ in before), lying(
        before, spread([value for _, value in before])), *[NOTHING] * 6))]
    lines += [line for visit in visits if (line := _at(study, visit.name, column)) is not None]
    if len(lines) == 1:
        return None
    return Chapter(f"course-{column.replace('_', '-')}", f"Course of {title}", HEAD, tuple(lines),
                   f"{QUARTILES}; {PAIRED}", (_picture(study, visits, column, title),))


def _at(study: Study, visit: str, column: str) -> Line | None:
    found = [(each, value) for each in study.infused
             if (value := each.measured(visit, column)) is not None]
    if not found:
        return None
    pairs = [(each, start, value) for each, value in found
             if (start := each.before(column)) is not None]
    tested = paired([start for _, start, _ in pairs], [value for *_, value in pairs])
    both = people(each for each, *_ in pairs)
    return Line(visit, (people(each for each, _ in found),
                        lying(found, spread([value for _, value in found])), both,
                        *_tests(tested, both)))


def _tests(tested: Paired | None, both: Figure) -> list[Figure]:
    if tested is None:
        return [NOTHING] * 5

    def told(value: float | None, digits: int) -> Figure:
        return NOTHING if value is None else Figure(
            rounded(value, digits), rounded(value, digits), both.behind)

    def p(value: float | None) -> Figure:
        if value is None:
            return NOTHING
        return Figure("< 0.0001" if value < 0.0001 else rounded(value, 4), repr(value), both.behind)

    return [told(tested.mean_change, 1), told(tested.wilcoxon, 1), p(tested.wilcoxon_p),
            told(tested.t, 2), p(tested.t_p)]


def _picture(study: Study, visits: Sequence[Visit], column: str, title: str) -> Sketch:
    """A thin line a person, a thick one through the medians."""
    lines = [line for each in study.infused if len(line := _line(each, visits, column)) > 1]
    medians = _medians(study, visits, column)
    every = [value for line in lines for _, value in line] or [value for _, value in medians]
    last = max(visit.month or 0 for visit in visits)
    heights = steps(min(every), max(every))

    def x(month: int) -> int:
        return LEFT + month * (WIDTH - LEFT - RIGHT) // last

    def y(value: Decimal) -> int:
        return HEIGHT - BOTTOM - int((value - heights[0]) * (HEIGHT - TOP - BOTTOM)
                                     / (heights[-1] - heights[0]))

    marks: list[Mark] = [Words(0, 14, title, Ink.INK, bold=True)]
    for height in heights:
        marks += [Rule(LEFT, y(height), WIDTH - RIGHT, y(height)),
                  Words(LEFT - 8, y(height) + 4, f"{height.normalize():f}", anchor="end")]
    marks += [Words(x(month), HEIGHT - BOTTOM + 17, str(month), anchor="middle")
              for month in range(0, last + 1, 3)]
    marks.append(Words(WIDTH - RIGHT, HEIGHT - 4, "months after the cells; thin: each person, "
                                                  "thick: median", anchor="end"))
    marks += [Way(tuple((x(month), y(value)) for month, value in line), Ink.LINE)
              for line in lines]
    marks.append(Way(tuple((x(month), y(value)) for month, value in medians)))
    marks += [Sign(x(month), y(value), Tone.GOOD, f"month {month}: median {rounded(value)}")
              for month, value in medians]
    return Sketch(f"course-{column.replace('_', '-')}", f"Course of {title}",
                  f"{title}, median of everybody measured: " + "; ".join(
                      f"month {month} {rounded(value)}" for month, value in medians) + ".",
                  WIDTH, HEIGHT, tuple(marks))


def _line(person: Person, visits: Sequence[Visit], column: str) -> list[tuple[int, Decimal]]:
    points = [(0, person.before(column)), *(
        (visit.month or 0, person.measured(visit.name, column)) for visit in visits)]
    return [(month, value) for month, value in points if value is not None]


def _medians(study: Study, visits: Sequence[Visit], column: str) -> list[tuple[int, Decimal]]:
    found = []
    for month, values in [(0, [each.before(column) for each in study.infused]), *(
            (visit.month or 0, [each.measured(visit.name, column) for each in study.infused])
            for visit in visits)]:
        lies = spread([value for value in values if value is not None])
        if lies is not None:
            found.append((month, Decimal(repr(lies.median))))
    return found
