"""Quality assurance accepts an excursion by signature over what was read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.audit import chain
from mscbank.custody import service
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, RecordChanged, Refused
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal, covers
from tests.cast import Cast
from tests.stages.custody import issued_bag, judged_excursion, open_excursion, read, receive

WORD = "Two minutes at the opening of the lid."


def opened(cast):
    return open_excursion(cast, issued_bag(cast).journeys[0])


def seal_of(by, excursion, word=WORD, meaning=Meaning.EXCURSION_ACCEPTED):
    return Seal(by.id, meaning, chain.digest(service.excursion_record(excursion, word)))


def judge(excursion, seal, by, word=WORD):
    with transaction():
        return service.judge_excursion(excursion, word, seal=seal, by=by, at=clock.now())


def test_the_judgement_is_signed_and_still_covers_after_the_bag_arrived(bank):
    cast = Cast()
    excursion = judged_excursion(cast, opened(cast))
    with clock.pinned(clock.now() + timedelta(minutes=1)):
        receive(cast, excursion.journey.bag)
        read(cast, excursion.journey, "-150", clock.now())
    signature = session.get_one(Signature, excursion.signature_id)
    assert signature.meaning is Meaning.EXCURSION_ACCEPTED
    assert covers(signature, service.excursion_record(excursion, excursion.judgement))
    assert service.open_excursions(excursion.journey) == []


def test_a_reading_between_looking_and_signing_makes_the_signing_fail(bank):
    cast = Cast()
    excursion = opened(cast)
    seal = seal_of(cast.quentin, excursion)
    read(cast, excursion.journey, "-20", clock.now() + timedelta(seconds=9))
    with pytest.raises(RecordChanged):
        judge(excursion, seal, cast.quentin)
    assert excursion.judged_at is None


def test_an_excursion_is_judged_once(bank):
    cast = Cast()
    excursion = judged_excursion(cast, opened(cast))
    with pytest.raises(AlreadyDone, match="was judged"):
        judge(excursion, seal_of(cast.quynh, excursion), cast.quynh)


@pytest.mark.parametrize("make", [
    lambda cast, excursion: None,
    lambda cast, excursion: seal_of(cast.quynh, excursion),
    lambda cast, excursion: seal_of(cast.quentin, excursion, meaning=Meaning.RETURN_ACCEPTED),
    lambda cast, excursion: seal_of(cast.quentin, excursion, word="Another word."),
], ids=["unsigned", "another person's", "another meaning", "another text"])
def test_only_the_judge_s_own_signature_over_this_judgement_counts(bank, make):
    cast = Cast()
    excursion = opened(cast)
    with pytest.raises(Refused):
        judge(excursion, make(cast, excursion), cast.quentin)
    assert excursion.signature_id is None


def test_a_judgement_says_why(bank):
    cast = Cast()
    excursion = opened(cast)
    with pytest.raises(Malformed):
        judge(excursion, seal_of(cast.quentin, excursion, "  "), cast.quentin, "  ")


def test_a_technician_judges_no_excursion(bank):
    cast = Cast()
    excursion = opened(cast)
    with pytest.raises(NotAllowed):
        judge(excursion, seal_of(cast.tessa, excursion), cast.tessa)
