"""Lots at each standing, built through the acts. Quentin decides, Paula asks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags.models import Lot
from mscbank.database import transaction
from mscbank.permissions import Actor
from mscbank.release import review, service
from mscbank.release.models import Decision, ExceptionRequest
from mscbank.release.record import exceptional_record, lot_record
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.kept import kept
from tests.stages.testing import PENDING, record_all

OUT_OF_LIMIT = {"cd105": {"value": Decimal(91), "unit": "%"}}


def seal_of(by: Actor, meaning: Meaning, record: dict[str, Any]) -> Seal:
    """The signature of one who has read this record."""
    return Seal(by.id, meaning, chain.digest(record))


def reviewed(cast: Cast, lot: Lot) -> Lot:
    """Quynh reads what was written about the lot since the last review, and signs for it."""
    if review.unreviewed(lot):
        seal = seal_of(cast.quynh, Meaning.TRAIL_REVIEWED, review.lot_span(lot))
        with transaction():
            review.review_lot(lot, seal=seal, by=cast.quynh, at=clock.now())
    return lot


def certify(cast: Cast, lot: Lot, by: Actor | None = None) -> Decision:
    """Quynh reviews the trail; Quentin reads the record and certifies."""
    by = by or cast.quentin
    reviewed(cast, lot)
    seal = seal_of(by, Meaning.CERTIFIED, lot_record(lot))
    with transaction():
        return service.certify(lot, seal=seal, by=by, at=clock.now())


def release_conditionally(cast: Cast, lot: Lot) -> Decision:
    """Quentin reads the record and lets the lot go out conditionally."""
    reviewed(cast, lot)
    seal = seal_of(cast.quentin, Meaning.RELEASED_CONDITIONALLY, lot_record(lot))
    with transaction():
        return service.release_conditionally(lot, seal=seal, by=cast.quentin, at=clock.now())


def request_exception(cast: Cast, lot: Lot, justification: str = "No other lot in time.",
                      ) -> ExceptionRequest:
    """Paula reads the record and asks for the lot all the same."""
    seal = seal_of(cast.paula, Meaning.EXCEPTION_REQUESTED,
                   service.request_record(lot, justification))
    with transaction():
        return service.request_exception(lot, justification, seal=seal, by=cast.paula,
                                         at=clock.now())


def release_exceptionally(cast: Cast, lot: Lot) -> Decision:
    """Quentin reads the record with Paula's request and releases."""
    reviewed(cast, lot)
    seal = seal_of(cast.quentin, Meaning.RELEASED_EXCEPTIONALLY, exceptional_record(lot))
    with transaction():
        return service.release_exceptionally(lot, seal=seal, by=cast.quentin, at=clock.now())


def reject(cast: Cast, lot: Lot, reason: str = "Contaminated.") -> Decision:
    """Quentin reads the record and rejects the lot."""
    seal = seal_of(cast.quentin, Meaning.REJECTED, lot_record(lot, reason=reason))
    with transaction():
        return service.reject(lot, reason, seal=seal, by=cast.quentin, at=clock.now())


def declare_nonconforming(cast: Cast, lot: Lot, reason: str = "Growth on day 12.") -> Decision:
    """Quentin recalls the lot."""
    seal = seal_of(cast.quentin, Meaning.NONCONFORMING, lot_record(lot, reason=reason))
    with transaction():
        return service.declare_nonconforming(lot, reason, seal=seal, by=cast.quentin,
                                             at=clock.now())


@kept
def reinstate(cast: Cast, lot: Lot, reason: str = "Typed into the wrong lot.") -> Decision:
    """Quentin reads the record and lets the lot wait for a decision again."""
    seal = seal_of(cast.quentin, Meaning.REINSTATED, lot_record(lot, reason=reason))
    with transaction():
        return service.reinstate(lot, reason, seal=seal, by=cast.quentin, at=clock.now())


@kept
def tested_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A lot whose every criterion passes, waiting for a decision."""
    lot = lot or filled_lot(cast)
    record_all(cast, lot)
    return lot


@kept
def conditional_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """Released while sterility, mycoplasma and karyotype are awaited."""
    lot = lot or filled_lot(cast)
    record_all(cast, lot, pending=PENDING)
    release_conditionally(cast, lot)
    return lot


@kept
def released_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A certified lot."""
    lot = tested_lot(cast, lot)
    certify(cast, lot)
    return lot


@kept
def lot_out_of_limit(cast: Cast, lot: Lot | None = None) -> Lot:
    """A lot whose CD105 is below the limit, all else passing."""
    lot = lot or filled_lot(cast)
    record_all(cast, lot, but=OUT_OF_LIMIT)
    return lot


@kept
def exceptional_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """Released exceptionally at Paula's request."""
    lot = lot_out_of_limit(cast, lot)
    request_exception(cast, lot)
    release_exceptionally(cast, lot)
    return lot


@kept
def rejected_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A rejected lot."""
    lot = tested_lot(cast, lot)
    reject(cast, lot)
    return lot


@kept
def nonconforming_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A lot that was certified and then recalled."""
    lot = released_lot(cast, lot)
    declare_nonconforming(cast, lot)
    return lot
