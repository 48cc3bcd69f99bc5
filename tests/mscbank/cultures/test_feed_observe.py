"""Feeding and observing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.cultures import reagents, service
from mscbank.cultures.models import Looked
from mscbank.database import transaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from tests.cast import Cast
from tests.stages.cultures import (
    blocked_reagent,
    counted_culture,
    others,
    passaged_culture,
    released_reagent,
    seeded_culture,
)


def feed(cast, culture, *, by=None, codes=None, **facts):
    codes = [released_reagent(cast).code] if codes is None else codes
    with transaction():
        return service.feed(culture, codes, **facts, by=by or cast.tessa, at=clock.now())


def observe(cast, culture, confluence, *, by=None, **facts):
    with transaction():
        return service.observe(culture, confluence, **facts, by=by or cast.tessa, at=clock.now())


def test_feeding_keeps_the_reagents_what_was_seen_and_when_to_come_again(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    medium = released_reagent(cast)
    due = clock.now() + timedelta(days=3)
    feed(cast, culture, codes=[medium.code], confluence=20, seen="Spindle-shaped colonies",
         next_due_at=due)
    note = culture.notes[-1]
    assert (note.kind, note.confluence, note.seen) == (Looked.FED, 20, "Spindle-shaped colonies")
    assert culture.next_due_at == due
    assert reagents.reagents_of(culture.code)[-1] == medium


def test_observing_changes_nothing_but_the_notes(bank):
    cast = Cast()
    due = clock.now() + timedelta(days=3)
    culture = seeded_culture(cast, next_due_at=due)
    observe(cast, culture, 35)
    assert [note.confluence for note in culture.notes] == [35]
    assert culture.next_due_at == due and culture.ended_at is None


def test_confluence_lies_between_0_and_100(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    for confluence in (-1, 101, 140):
        with pytest.raises(Malformed) as refusal:
            feed(cast, culture, confluence=confluence)
        assert refusal.value.field == "confluence"
        with pytest.raises(Malformed) as refusal:
            observe(cast, culture, confluence)
        assert refusal.value.field == "confluence"
    assert culture.notes == []


def test_a_blocked_reagent_feeds_nothing(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    with pytest.raises(Unfit):
        feed(cast, culture, codes=[blocked_reagent(cast).code])
    assert culture.notes == []


def test_a_counted_or_ended_culture_is_neither_fed_nor_observed(bank):
    cast = Cast()
    counted = counted_culture(cast)
    passaged = counted_culture(cast)
    passaged_culture(cast, passaged)
    discarded = seeded_culture(cast)
    with transaction():
        service.discard(discarded, "Contaminated.", by=cast.tessa, at=clock.now())
    for culture in (counted, passaged, discarded):
        with pytest.raises(WrongMoment):
            feed(cast, culture)
        with pytest.raises(WrongMoment):
            observe(cast, culture, 50)


def test_only_a_technician_feeds_and_observes(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    for by in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed):
            feed(cast, culture, by=by)
        with pytest.raises(NotAllowed):
            observe(cast, culture, 9, by=by)
    assert culture.notes == []
