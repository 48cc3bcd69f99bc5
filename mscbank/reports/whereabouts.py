"""The custody of a bag as pictures: where it was and how long, and how warm it was on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.bags.models import Bag
from mscbank.custody.models import Journey, Temperature
from mscbank.database import plain_decimal
from mscbank.reports.layout import Tone, day_in_words
from mscbank.reports.sketch import (
    Block,
    Fill,
    Ink,
    Mark,
    Rule,
    Sign,
    Sketch,
    Way,
    Words,
    lasting,
    steps,
)
from mscbank.reports.timeline import Event
from mscbank.rules import count_told
from mscbank.settings import local

WIDE, HIGH, BETWEEN, ACROSS = 168, 82, 26, 6
WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 30, 46
MOST_TOLD = 12  # readings outside the limits that get a sign of their own
SHORT = timedelta(hours=4)  # a way that is told in minutes
# Where the bag is after an event of its timeline.
ENTERS = {
    "Filled": "Laboratory", "Stored": "Freezer", "Moved to another position": "Freezer",
    "Taken back into stock": "Freezer", "Given out": "On the way", "Taken over": "Ward",
    "Returned": "Returned", "Destroyed": "Destroyed"}


def custody(bag: Bag, events: Sequence[Event], at: datetime) -> Sketch:
    """Every place in turn, with since when, by whom and how long. ``events`` is its timeline."""
    stops = list(_stops(bag, events))
    marks: list[Mark] = []
    for number, (stop, where) in enumerate(stops):
        until = stops[number + 1][0].at if number + 1 < len(stops) else None
        marks += _stop(number, stop, where, _lasted(stop, until, where, at))
    down = (len(stops) + ACROSS - 1) // ACROSS
    across = min(len(stops), ACROSS)
    told = "; ".join(f"{where} from {_moment(stop.at)}" for stop, where in stops)
    return Sketch("custody-picture", f"Where it was: {bag.title}",
                  told + ".", across * (WIDE + BETWEEN) - BETWEEN + 4,
                  down * (HIGH + BETWEEN) - BETWEEN + 4, tuple(marks))


def _stops(bag: Bag, events: Sequence[Event]) -> Iterator[tuple[Event, str]]:
    for event in events:
        if where := ENTERS.get(event.what):
            yield event, where
        elif bag.infusion and event.at == bag.infusion.started_at and "started" in event.what:
            yield event, "Infusion"
        elif bag.infusion and event.at == bag.infusion.ended_at and event.what.startswith("Infusion"):
            yield event, "Infused"


def _lasted(stop: Event, until: datetime | None, where: str, at: datetime) -> str:
    if until is not None:
        return lasting(until - stop.at)
    return "" if where in ("Infused", "Destroyed") else f"{lasting(at - stop.at)} until now"


def _stop(number: int, stop: Event, where: str, lasted: str) -> Iterator[Mark]:
    down, across = divmod(number, ACROSS)
    x, y = 2 + across * (WIDE + BETWEEN), 2 + down * (HIGH + BETWEEN)
    lines = tuple(line for line in (where, stop.detail, stop.who, _moment(stop.at), lasted) if line)
    tone = {"Infused": Tone.GOOD, "Destroyed": Tone.STOP, "Returned": Tone.WAIT}.get(where)
    if number and across:
        yield Rule(x - BETWEEN, y + HIGH // 2, x, y + HIGH // 2, Ink.SOFT)
    yield Block(x, y, WIDE, HIGH, Fill.TAKEN, lines, tone, "; ".join(
        each for each in (where, stop.detail, stop.who, _moment(stop.at), lasted) if each),
        stop.address)


def temperature(journey: Journey) -> Sketch | None:
    """The readings of a box's logger against the time since it was given out, with the limits of
    the journey as a band. None while nothing was read."""
    if not journey.readings:
        return None
    ends = max(filter(None, (journey.received_at, journey.returned_at, journey.readings[-1].at)))
    unit, name = (60, "minutes") if ends - journey.given_at <= SHORT else (3600, "hours")
    times = steps(Decimal(0), max(_in(unit, ends - journey.given_at), Decimal(1)))
    degrees = steps(min(journey.low_c, *(each.celsius for each in journey.readings)),
                    max(journey.high_c, *(each.celsius for each in journey.readings)))

    def x(moment: datetime) -> int:
        return LEFT + _part(_in(unit, moment - journey.given_at) / times[-1], WIDTH - LEFT - RIGHT)

    def y(celsius: Decimal) -> int:
        return HEIGHT - BOTTOM - _part(
            (celsius - degrees[0]) / (degrees[-1] - degrees[0]), HEIGHT - TOP - BOTTOM)

    outside = [each for each in journey.readings
               if not journey.low_c <= each.celsius <= journey.high_c]
    marks = (*_ground(journey, name, times, degrees, y), *_handovers(journey, x),
             *_readings(journey.readings, x, y), *_outside(outside, x, y))
    return Sketch(f"temperature-{journey.code}", f"Temperature on the way to {journey.destination}",
                  _told(journey, outside), WIDTH, HEIGHT, marks)


def _ground(journey: Journey, unit: str, times: Sequence[Decimal], degrees: Sequence[Decimal],
            y: Callable[[Decimal], int]) -> Iterator[Mark]:
    right = WIDTH - RIGHT
    yield Block(LEFT, y(journey.high_c), right - LEFT, y(journey.low_c) - y(journey.high_c),
                Fill.BAND)
    for value in degrees:
        yield Rule(LEFT, y(value), right, y(value))
        yield Words(LEFT - 8, y(value) + 4, plain_decimal(value), anchor="end")
    for value in times:
        across = LEFT + _part(value / times[-1], right - LEFT)
        yield Words(across, HEIGHT - BOTTOM + 18, plain_decimal(value), anchor="middle")
    for limit in (journey.low_c, journey.high_c):
        yield Rule(LEFT, y(limit), right, y(limit), Ink.SOFT, dashed=True)
    yield Words(4, 16, "°C")
    yield Words(right, HEIGHT - 8, f"{unit} since it was given out", anchor="end")
    yield Words(LEFT + 6, y(journey.high_c) - 5,
                f"allowed {plain_decimal(journey.low_c)} to {plain_decimal(journey.high_c)} °C")


def _handovers(journey: Journey, x: Callable[[datetime], int]) -> Iterator[Mark]:
    for moment, what in ((journey.received_at, "taken over"), (journey.returned_at, "returned")):
        if moment is not None:
            yield Rule(x(moment), TOP - 6, x(moment), HEIGHT - BOTTOM, Ink.INK)
            yield Words(x(moment) - 5, TOP - 10, what, Ink.INK, "end")


def _readings(readings: Sequence[Temperature], x: Callable[[datetime], int],
              y: Callable[[Decimal], int]) -> Iterator[Mark]:
    yield Way(tuple((x(each.at), y(each.celsius)) for each in readings))


def _outside(outside: Sequence[Temperature], x: Callable[[datetime], int],
             y: Callable[[Decimal], int]) -> Iterator[Mark]:
    for each in outside[:MOST_TOLD]:
        yield Sign(x(each.at), y(each.celsius), Tone.STOP,
                   f"{plain_decimal(each.celsius)} °C at {_moment(each.at)}")


def _told(journey: Journey, outside: Sequence[Temperature]) -> str:
    degrees = [each.celsius for each in journey.readings]
    wrong = f"{len(outside)} outside the limits" if outside else "none outside the limits"
    return (f"{count_told(len(degrees), 'reading')} from {plain_decimal(min(degrees))} to "
            f"{plain_decimal(max(degrees))} °C, {wrong} of {plain_decimal(journey.low_c)} to "
            f"{plain_decimal(journey.high_c)} °C.")


def pictures(bag: Bag, events: Sequence[Event], at: datetime) -> list[Sketch]:
    """All pictures of a bag's custody."""
    return [custody(bag, events, at), *filter(None, map(temperature, bag.journeys))]




def _moment(at: datetime) -> str:
    here = local(at)
    return f"{day_in_words(at)} {here:%H:%M}"


def _in(seconds: int, time: timedelta) -> Decimal:
    return Decimal(int(time.total_seconds())) / seconds


def _part(part: Decimal, pixels: int) -> int:
    return int(part * pixels)
