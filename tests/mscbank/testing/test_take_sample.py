"""Taking a sample."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotAllowed, NotKnown, Refused, WrongMoment
from mscbank.testing import rules, samples
from mscbank.testing.models import Sample, Stage
from specs.criterion import Stage as SpecStage
from tests.cast import Cast
from tests.stages.bags import stored_bag
from tests.stages.custody import thawed_bag
from tests.stages.cultures import seeded_culture
from tests.stages.testing import sample_of


def take(cast: Cast, code: str, stage: Stage, by: str = "tessa", **different) -> Sample:
    facts = {"taken_at": clock.now(), "destined": "Microbiology"} | different
    with transaction():
        return samples.take_sample(code, stage, **facts, by=getattr(cast, by), at=clock.now())


def test_a_sample_of_a_bag_speaks_of_its_lot_and_one_of_a_culture_of_none(bank):
    cast = Cast()
    bag = stored_bag(cast)
    culture = seeded_culture(cast)

    of_bag = take(cast, bag.code, Stage.DRUG_PRODUCT, volume_ml=Decimal("1.5"))
    of_lot = sample_of(cast, bag.lot)
    of_culture = take(cast, culture.code, Stage.IN_PROCESS)

    assert (of_bag.lot_id, of_bag.taken_from) == (bag.lot_id, bag.code)
    assert of_lot.lot_id == bag.lot_id
    assert (of_culture.lot_id, of_culture.taken_from) == (None, culture.code)
    last = session.get_one(Entry, of_culture.entry)
    assert (last.act, last.subject) == ("take sample", of_culture.code)


def test_a_sample_that_cannot_be_is_refused(bank):
    cast = Cast()
    bag = stored_bag(cast)
    later, before = clock.now() + timedelta(minutes=1), clock.now() - timedelta(days=400)
    for code, stage, facts, field in (
        (bag.code, Stage.DRUG_PRODUCT, {"taken_at": later}, "taken_at"),
        (bag.code, Stage.DRUG_PRODUCT, {"taken_at": before}, "taken_at"),
        (bag.code, Stage.DRUG_PRODUCT, {"volume_ml": Decimal(-1)}, "volume_ml"),
        (bag.code, Stage.DRUG_PRODUCT, {"volume_ml": Decimal(0)}, "volume_ml"),
        (bag.code, Stage.IN_PROCESS, {}, "stage"),
        (bag.lot.harvest.code, Stage.IN_PROCESS, {}, "taken_from"),
        ("BXBX", Stage.DRUG_PRODUCT, {}, "code"),
    ):
        with pytest.raises(Malformed) as refusal:
            take(cast, code, stage, **facts)
        assert refusal.value.field == field
    with pytest.raises(NotAllowed):
        take(cast, bag.code, Stage.DRUG_PRODUCT, by="nadia")
    assert session.query(Sample).count() == 0


def test_a_post_thaw_sample_comes_from_a_thawed_bag(bank):
    cast = Cast()
    frozen, thawed = stored_bag(cast, "B"), thawed_bag(cast)
    with pytest.raises(WrongMoment, match="not thawed"):
        take(cast, frozen.code, Stage.POST_THAW)
    assert take(cast, thawed.code, Stage.POST_THAW).stage is Stage.POST_THAW


def test_a_code_of_another_bank_is_not_sampled(bank):
    from labels import housecode
    cast = Cast()
    with pytest.raises(NotKnown):
        take(cast, housecode.new("BX"), Stage.DRUG_PRODUCT)


@pytest.mark.parametrize("slug", ["cultures", "lots", "bags", "harvests", "recipients"])
@pytest.mark.parametrize("stage", list(SpecStage))
def test_each_kind_of_thing_is_sampled_at_its_own_stages(slug, stage):
    possible = {("cultures", "in process"), ("cultures", "drug substance"),
                ("lots", "drug substance"), ("lots", "drug product"),
                ("bags", "drug product"), ("bags", "post-thaw")}
    if (slug, str(stage)) in possible:
        rules.sampled_where_it_can_be(slug, stage)
    else:
        with pytest.raises(Refused):
            rules.sampled_where_it_can_be(slug, stage)
