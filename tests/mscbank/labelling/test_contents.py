"""What stands on a bag's label."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labels import readback, signed
from labels.wording import Caution, Language
from mscbank import clock
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.errors import Unfit
from mscbank.labelling import contents, jobs, kept, rules, service
from mscbank.labelling.models import LabelKind
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.cultures import grown_culture
from tests.stages.donors import exceptional_donor
from tests.stages.harvests import received_harvest
from tests.stages.labelling import labelled_lot


def test_the_label_names_donation_recipient_bag_and_trial(bank):
    bag = filled_lot(Cast()).bags[1]
    label = kept.label_of(contents.content_of(bag, 1, Language.EN))
    recipient = bag.lot.harvest.donor.recipient
    assert (label.din, label.lot, label.bag_number, label.bag_count) == (
        bag.lot.harvest.din, bag.lot.number, 2, 2)
    assert (label.recipient, label.recipient_number) == (recipient.code, recipient.number)
    assert (label.trial, label.storage) == ("NCT02213705", "-196 to -135 °C")
    assert (label.cells, label.contains) == (
        "7 × 10^7 viable cells", "4 % human albumin, 10 % DMSO")


def test_dmso_is_named_where_the_excipients_leave_it_out(bank):
    bag = filled_lot(Cast(), excipients="4 % human albumin").bags[0]
    assert contents.content_of(bag, 1, Language.EN)["contains"] == "4 % human albumin; DMSO 10 %"


def test_the_expiry_is_printed_in_the_zone_of_the_site_and_never_later(bank):
    cast = Cast()
    lot = filled_lot(cast, expires_at=datetime(2026, 11, 22, 15, 40, 59, tzinfo=UTC))
    label = kept.label_of(contents.content_of(lot.bags[0], 1, Language.EN))
    assert label.expiry.isoformat() == "2026-11-22T16:40:00+01:00"


def test_the_signed_text_proves_the_origin_of_bag_and_copy(bank):
    bag = filled_lot(Cast()).bags[0]
    label = kept.label_of(contents.content_of(bag, 3, Language.EN))
    facts = signed.verify(label.signed, contents.public_keys())
    assert (facts.bag, facts.copy, facts.din) == (bag.code, 3, bag.lot.harvest.din)
    assert facts.expiry == label.expiry


def test_the_donor_s_warnings_stand_on_the_label(bank):
    cast = Cast()
    harvest = received_harvest(cast, exceptional_donor(cast))
    lot = filled_lot(cast, grown_culture(cast, harvest))
    label = kept.label_of(contents.content_of(lot.bags[0], 1, Language.EN))
    assert set(label.cautions) == {
        Caution.BIOHAZARD, Caution.ADVISE_RECIPIENT, Caution.REACTIVE}
    assert label.reactive_for == ("anti-HBc",)


def test_a_short_label_with_warnings_in_two_languages_has_its_companion(bank):
    cast = Cast()
    harvest = received_harvest(cast, exceptional_donor(cast))
    warned = filled_lot(cast, grown_culture(cast, harvest))
    with transaction():
        job = service.issue_labels(warned, "bag-100x50", "en+fr", by=cast.tessa, at=clock.now())
    assert job.tag_digest is not None
    alone = jobs.drawn(jobs.paper_of(LabelKind.BAG), [copy.content for copy in job.copies],
                       jobs.On("bag-100x50", "en"))
    assert jobs.pdf_of(job) == alone  # the bank's own language on the bag
    assert jobs.tags_of(job) != alone and len(list(readback.pages(jobs.tags_of(job)))) == 2
    plain = filled_lot(cast)  # the control: without a warning both languages have room
    with transaction():
        job = service.issue_labels(plain, "bag-100x50", "en+fr", by=cast.tessa, at=clock.now())
    assert job.tag_digest is None


def test_a_warning_that_came_after_the_label_makes_the_label_old(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    assert service.label_findings(lot.bags[0]) == []
    with transaction():
        donors.record_marker(lot.harvest.donor, Agent.HTLV, Reaction.REACTIVE,
                             lot.harvest.collected_at, "Virology", by=cast.carole, at=clock.now())
    assert service.label_findings(lot.bags[0]) == [
        ("label", "Its label lacks a warning on the donor that holds now: reprint and apply it.")]


def test_a_warning_no_label_knows_stops_the_label():
    with pytest.raises(Unfit, match="has no place on a label"):
        contents.donor_cautions(["BEWARE OF THE DOG"])


@pytest.mark.parametrize(("cells", "text"), [
    (70_000_000, "7 × 10^7 viable cells"), (210_000_000, "2.1 × 10^8 viable cells"),
    (41_234_567, "4.1234567 × 10^7 viable cells"), (9, "9 × 10^0 viable cells")])
def test_cells_are_written_in_powers_of_ten_and_never_rounded(cells, text):
    assert contents.cells_text(cells, Language.EN) == text


@pytest.mark.parametrize(("before", "number", "division"), [
    ([], 1, "Aa"), ([], 26, "Az"), ([], 27, "Ba"), ([3], 1, "Ba"), ([27], 2, "Cb"),
    ([26] * 25, 26, "Zz")])
def test_every_bag_of_a_harvest_has_its_own_division(before, number, division):
    assert rules.division(before, number) == division


def test_more_bags_than_a_donation_number_tells_apart_are_refused():
    with pytest.raises(Unfit, match="more bags"):
        rules.division([26] * 26, 1)


def test_what_was_kept_is_what_is_drawn(bank):
    bag = filled_lot(Cast()).bags[0]
    content = contents.content_of(bag, 1, Language.FR)
    assert kept.keep(kept.label_of(content), content["zone"]) == content
