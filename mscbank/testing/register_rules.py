"""What the register of laboratories and methods allows: pure sentences over plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from mscbank.errors import AlreadyDone, Malformed
from mscbank.rules import day_told, not_before, not_in_the_future


def not_registered(known: bool, name: str) -> None:
    """A name stands for one entry, for ever."""
    if known:
        raise AlreadyDone(f"“{name}” stands in the register: a name is used once. Take another, "
                          "such as one with the year.")


def accredited_as_said(accreditation: str | None, until: date | None, since: date) -> None:
    """An accreditation and its last day go together."""
    if (accreditation is None) != (until is None):
        raise Malformed("Give the accreditation and the day until which it holds, or neither.",
                        field="accredited_until" if until is None else "accreditation")
    if until is not None:
        not_before(until, since, field="accredited_until", what="the day the entry begins")


def renewed(before: date | None, until: date) -> None:
    """A new certificate holds longer than the one before."""
    if before is not None and until <= before:
        raise Malformed(f"The accreditation holds until {before} already: give a later day.",
                        field="accredited_until")


def may_be_ended(since: date, ended_on: date, at: datetime) -> None:
    """An entry ends on a day that has come, and not before it began."""
    not_in_the_future(ended_on, at, field="ended_on")
    not_before(ended_on, since, field="ended_on", what="the day the entry begins")


def not_ended(ended_on: date | None, name: str) -> None:
    """What was ended stays ended."""
    if ended_on is not None:
        raise AlreadyDone(f"“{name}” was ended on {day_told(ended_on)}; once is all there is.")


def registered(name: str, known: Sequence[str], *, what: str) -> None:
    """A test names a method and a laboratory of the register."""
    if name not in known:
        entered = f"It knows {', '.join(known)}" if known else "It is empty"
        raise Malformed(f"“{name}” is no {what} of the register. {entered}: choose one, or have "
                        "quality assurance enter it.", field=what)


def in_force(since: date, ended_on: date | None, on: date, *, what: str, name: str) -> None:
    """The entry was in force on the day of the test."""
    if on < since or (ended_on is not None and on > ended_on):
        until = f" to {day_told(ended_on)}" if ended_on else ""
        raise Malformed(f"The {what} “{name}” is in force from {day_told(since)}{until}, not "
                        f"on {day_told(on)}: check the date, or choose another.", field=what)


def accredited(until: date | None, on: date, *, name: str) -> None:
    """Where a laboratory is accredited, it is so on the day of the test."""
    if until is not None and on > until:
        raise Malformed(f"The accreditation of “{name}” ended on {day_told(until)}: have quality assurance "
                        "enter the new certificate, or choose another laboratory.",
                        field="laboratory")


def in_the_methods_unit(method: str, asked: str | None, unit: str | None) -> None:
    """A method that measures in one unit gives no other."""
    if asked is not None and unit is not None and asked != unit:
        raise Malformed(f"“{method}” measures in {asked}, not in {unit}: check the method and the "
                        "unit.", field="unit")
