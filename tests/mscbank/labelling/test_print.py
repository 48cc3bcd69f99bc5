"""A job is printed whole, once."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, NotAllowed, WrongMoment
from mscbank.labelling import service
from tests.cast import Cast
from tests.stages.labelling import issued_labels, print_job, printed_labels


def test_printing_marks_every_copy(bank):
    job = printed_labels(Cast())
    assert [copy.printed_at for copy in job.copies] == [clock.now()] * len(job.copies)


def test_a_job_is_printed_once(bank):
    cast = Cast()
    job = printed_labels(cast)
    with pytest.raises(AlreadyDone, match="reprinted, with a reason"):
        print_job(cast, job)


def test_a_job_with_a_voided_copy_is_not_printed(bank):
    cast = Cast()
    job = issued_labels(cast)
    with transaction():
        service.void_label(job.copies[0].bag, "Wrong expiry.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="voided since"):
        print_job(cast, job)


def test_quality_assurance_prints_no_labels(bank):
    cast = Cast()
    job = issued_labels(cast)
    with pytest.raises(NotAllowed), transaction():
        service.print_job(job, by=cast.quentin, at=clock.now())
