"""Copy 1 of every bag's label: drawn, read back, kept; and drawn again byte for byte."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labels import readback
from mscbank import acts, clock
from mscbank.bags import service as bags
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Unfit
from mscbank.labelling import jobs, kept, service
from mscbank.labelling.contents import BAG
from mscbank.labelling.rules import CopyState
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.labelling import issued_labels


def test_every_bag_gets_copy_1_and_its_pages_are_read_back(bank):
    cast = Cast()
    lot = filled_lot(cast)
    job = issued_labels(cast, lot)
    assert [(copy.bag.code, copy.number) for copy in job.copies] == [
        (bag.code, 1) for bag in lot.bags]
    assert {service.as_rule(copy).state for copy in job.copies} == {CopyState.ISSUED}
    pages = list(readback.pages(service.pdf_of(job)))
    for bag, texts in zip(lot.bags, pages, strict=True):
        assert {text[:20] for text in texts if text.startswith("BX")} == {bag.code}


@pytest.mark.parametrize("language", ["en", "fr", "en+fr"])
@pytest.mark.parametrize("stock", BAG.stocks)
def test_the_same_job_gives_the_same_bytes_on_every_stock(bank, stock, language):
    job = issued_labels(Cast(), stock=stock, language=language)
    first = service.pdf_of(job)
    session.expire_all()
    assert service.pdf_of(job) == first


def test_pages_that_are_no_longer_drawn_as_checked_are_not_printed(bank, monkeypatch):
    job = issued_labels(Cast())
    monkeypatch.setattr(kept, "label_of", lambda held: replace(_label(held), lot="L99-999"))
    with pytest.raises(Unfit, match="no longer drawn as they were checked"):
        service.pdf_of(job)


_label = kept.label_of


def test_labels_are_issued_once(bank):
    cast = Cast()
    lot = issued_labels(cast).copies[0].bag.lot
    with pytest.raises(AlreadyDone, match="Every bag of this lot has its label"):
        issued_labels(cast, lot)


def test_a_destroyed_bag_gets_no_label(bank):
    cast = Cast()
    lot = filled_lot(cast)
    with transaction():
        bags.destroy(lot.bags[0], "Leaks.", by=cast.tessa, at=clock.now())
    assert [copy.bag_id for copy in issued_labels(cast, lot).copies] == [lot.bags[1].id]


@pytest.mark.parametrize(("how", "field"), [
    ({"stock": "wristband"}, "stock"), ({"stock": "napkin"}, "stock"),
    ({"language": "de"}, "language")])
def test_a_bag_label_has_its_stocks_and_languages(bank, how, field):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises(Malformed) as refused:
        issued_labels(cast, lot, **how)
    assert refused.value.field == field
    assert service.unlabelled(lot) == lot.bags


def test_a_nurse_issues_no_labels(bank):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises(NotAllowed), transaction():
        service.issue_labels(lot, by=cast.nadia, at=clock.now())


@pytest.mark.parametrize(("excipients", "why"), [
    ("W" * 200, "does not fit"), ("4 % \N{CJK UNIFIED IDEOGRAPH-767D}", "does not have")])
def test_text_the_label_cannot_carry_is_refused_and_nothing_is_cut(bank, excipients, why):
    cast = Cast()
    lot = filled_lot(cast, excipients=excipients)
    with pytest.raises(Unfit, match=why):
        issued_labels(cast, lot)
    assert service.unlabelled(lot) == lot.bags


def test_a_symbol_that_cannot_be_read_back_stops_the_job(bank, monkeypatch):
    cast = Cast()
    lot = filled_lot(cast)

    def unreadable(*_: object) -> None:
        raise readback.PageMismatch(1, {lot.bags[0].code}, set())

    monkeypatch.setattr(readback, "check_pages", unreadable)
    with pytest.raises(Unfit, match="could not be read back"):
        issued_labels(cast, lot)
    assert service.unlabelled(lot) == lot.bags


def test_labels_drawn_before_the_lock_are_drawn_once(bank, monkeypatch):
    cast = Cast()
    lot = filled_lot(cast)
    drawn = []
    draw = jobs.drawn
    monkeypatch.setattr(jobs, "drawn", lambda *a: (drawn.append(
        session.info.get("open") is not None), draw(*a))[1])
    act = acts.catalogue()["lots", "issue-labels"]
    told = acts.perform(act, lot.code, act.schema().load({}), by=cast.tessa)
    assert drawn == [False]
    assert [copy["number"] for copy in told["copies"]] == [1, 1]


def test_labels_prepared_from_facts_that_changed_are_drawn_again(bank):
    cast = Cast()
    lot = filled_lot(cast)
    prepared = service.prepare_labels(lot)
    with transaction():
        bags.freeze(lot, by=cast.tessa, at=clock.now())
    with transaction():
        job = service.issue_labels(lot, prepared=prepared, by=cast.tessa, at=clock.now())
    assert job.pdf_digest != prepared.pdf_digest
    assert job.copies[0].content["frozen_on"] == "2026-03-02"


def test_what_a_copy_says_never_changes_behind_the_application(bank):
    copy = issued_labels(Cast()).copies[0]
    with pytest.raises(Exception, match="never changes"), transaction():
        copy.content = copy.content | {"lot": "L99-999"}
        session.flush()
