"""A lot that was filled at nine, sampled, and an instrument that measured at half past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.testing.models import Sample
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.web.conftest import browse, machine
from tests.stages.bags import filled_lot
from tests.stages.testing import registered, sample_of

__all__ = ["browse", "machine"]


@pytest.fixture
def cast(bank: Flask) -> Iterator[Cast]:
    """The cast, an hour after the story's start; the register stands."""
    people = Cast()
    registered(people)
    with clock.pinned(START + timedelta(hours=1)):
        yield people


@pytest.fixture
def lot(cast: Cast) -> Lot:
    """A lot filled at nine on the site's clock."""
    with clock.pinned(START):
        return filled_lot(cast)


@pytest.fixture
def sample(cast: Cast, lot: Lot) -> Sample:
    """A sample of the lot, taken at nine."""
    with clock.pinned(START):
        return sample_of(cast, lot)
