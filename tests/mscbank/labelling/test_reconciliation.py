"""The papers of a lot close when every copy of its labels is in use, destroyed or never printed."""

from __future__ import annotations

import pypdfium2
import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.checkpoints import head
from mscbank.bags import service as bags
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, NotAllowed, Unfit, WrongMoment
from mscbank.labelling import copies, reconciliation, service
from mscbank.labelling.rules import ACCOUNTED, Copy, Fate, all_accounted
from mscbank.reports import certificate
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.labelling import apply, damage, destroy, issued_labels, labelled_lot, reprinted


@pytest.mark.parametrize(("printed", "applied", "voided", "damaged", "destroyed", "fate"), [
    (0, 0, 0, 0, 0, Fate.WAITING), (0, 0, 1, 0, 0, Fate.NEVER_PRINTED), (1, 0, 0, 0, 0, Fate.LOOSE),
    (1, 1, 0, 0, 0, Fate.IN_USE), (1, 0, 1, 0, 0, Fate.VOID), (1, 1, 1, 0, 0, Fate.VOID),
    (1, 0, 1, 1, 0, Fate.DAMAGED), (1, 1, 1, 1, 0, Fate.DAMAGED), (1, 0, 1, 0, 1, Fate.DESTROYED),
    (1, 1, 1, 0, 1, Fate.DESTROYED), (1, 1, 1, 1, 1, Fate.DESTROYED)])
def test_each_copy_has_one_fate(printed, applied, voided, damaged, destroyed, fate):
    at = clock.now()
    copy = Copy(1, *(at if each else None for each in (printed, applied, voided, damaged,
                                                       destroyed)))
    assert copy.fate is fate
    if fate in ACCOUNTED:
        all_accounted([fate])
        return
    with pytest.raises(Unfit, match=f"1 {fate}"):
        all_accounted([Fate.IN_USE, fate])


def reconcile(cast: Cast, lot: Lot, who: str = "quentin") -> None:
    with transaction():
        reconciliation.reconcile_labels(lot, by=getattr(cast, who), at=clock.now())


def test_the_papers_of_a_lot_close_when_every_copy_is_accounted_for(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    old = service.current_copy(lot.bags[0])
    reprinted(cast, lot.bags[0])
    assert reconciliation.sentence(lot) == "labels not reconciled: 2 copies"
    with pytest.raises(Unfit, match="1 printed, neither applied nor destroyed, 1 voided"):
        reconcile(cast, lot)
    apply(cast, lot.bags[0])
    assert reconciliation.sentence(lot) == "labels not reconciled: 1 copy"
    destroy(cast, old)
    assert "not yet reconciled by quality assurance" in reconciliation.sentence(lot)
    reconcile(cast, lot)
    assert reconciliation.sentence(lot) == "labels reconciled: 2 applied, in use, 1 destroyed"
    with pytest.raises(AlreadyDone, match="nothing changed since"):
        reconcile(cast, lot)


def test_a_later_copy_opens_the_papers_again(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    reconcile(cast, lot)
    reprinted(cast, lot.bags[1])
    assert reconciliation.standing_of(lot) is None
    assert reconciliation.sentence(lot) == "labels not reconciled: 2 copies"


def test_a_lot_without_labels_has_nothing_to_reconcile(bank):
    cast = Cast()
    with pytest.raises(WrongMoment, match="no labels yet"):
        reconcile(cast, filled_lot(cast))


def test_the_laboratory_does_not_close_its_own_papers(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    with pytest.raises(NotAllowed):
        reconcile(cast, lot, "tessa")


def test_the_counts_add_up_to_every_copy_that_was_issued(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    damage(cast, service.current_copy(lot.bags[0]))
    reprinted(cast, lot.bags[0])
    counted = reconciliation.count(reconciliation.copies_of_lot(lot))
    assert sum(counted.values()) == 3
    assert {fate: number for fate, number in counted.items() if number} == {
        Fate.IN_USE: 1, Fate.DAMAGED: 1, Fate.LOOSE: 1}


def test_a_label_never_printed_for_a_destroyed_bag_is_voided_by_its_copy(bank):
    cast = Cast()
    job = issued_labels(cast)
    bag = job.copies[0].bag
    with transaction():
        bags.destroy(bag, "Leaks.", by=cast.tessa, at=clock.now())
    with transaction():
        copies.void_copy(job.copies[0], "Its bag was destroyed.", by=cast.tessa, at=clock.now())
    assert service.as_rule(job.copies[0]).fate is Fate.NEVER_PRINTED


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_certificate_says_which_labels_are_astray_until_none_is(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    old = service.current_copy(lot.bags[0])
    reprinted(cast, lot.bags[0])
    assert "Labels not reconciled: 2 copies" in words(certificate.certificate(lot, head=head()))
    apply(cast, lot.bags[0])
    destroy(cast, old)
    reconcile(cast, lot)
    assert "Labels reconciled: 2 applied, in use" in words(
        certificate.certificate(lot, head=head()))


def test_a_reconciliation_is_written_once(bank):
    cast = Cast()
    lot = labelled_lot(cast)
    reconcile(cast, lot)
    row = reconciliation.standing_of(lot)
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction():
        row.counts = {"applied, in use": 99}
        session.flush()
