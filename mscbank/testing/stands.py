"""How each of many results stands: what the judge says of it, and whether it counts already."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from mscbank.bags.models import Lot
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.errors import Refused
from mscbank.harvests.models import Harvest
from mscbank.recipients.models import Recipient
from mscbank.testing.judging import finding_of
from mscbank.testing.models import Result
from specs.judge import Finding, Outcome


class Judged(StrEnum):
    """A result held against its limit by itself, whoever confirmed it."""

    FAIL = "out of specification"
    AWAITED = "awaited"
    OUT_OF_DATE = "out of date"
    MET = "met"
    INFORMATIVE = "informative"


class Stands(StrEnum):
    """Whether a result counts, in the order in which people are waited for."""

    INVESTIGATED = "investigated"
    PENDING = "pending"
    TO_CONFIRM = "to be confirmed"
    CONFIRMED = "confirmed"
    RECORDED = "recorded"
    SET_ASIDE = "set aside"
    CORRECTED = "corrected"


JUDGED = {Outcome.FAIL: Judged.FAIL, Outcome.PENDING: Judged.AWAITED, Outcome.PASS: Judged.MET,
          Outcome.UNCONFIRMED: Judged.MET, Outcome.OUT_OF_DATE: Judged.OUT_OF_DATE,
          Outcome.INFORMATIVE: Judged.INFORMATIVE}
# An outcome in the words of a page, by its own word.
WORDS = {str(outcome): str(word) for outcome, word in JUDGED.items()} | {
    str(Outcome.UNCONFIRMED): str(Stands.TO_CONFIRM), str(Outcome.MISSING): "missing"}
_FAMILY = joinedload(Harvest.donor).joinedload(Donor.recipient).joinedload(Recipient.allocated)


def findings_of(results: Sequence[Result]) -> list[Finding | None]:
    """What the judge says of each; None where its specification cannot be read. What they speak of
    is asked for once for all."""
    lots = session.scalars(sa.select(Lot).where(
        Lot.id.in_({one.lot_id for one in results if one.lot_id}))
        .options(selectinload(Lot.bags), joinedload(Lot.harvest).options(_FAMILY))).all()
    taken = {one.sample.taken_from for one in results if not one.lot_id}
    cultures = {culture.code: culture for culture in session.scalars(
        sa.select(Culture).where(Culture.code.in_(taken))
        .options(joinedload(Culture.harvest).options(_FAMILY)))}
    found = [_finding(one, cultures.get(one.sample.taken_from)) for one in results]
    del lots  # held until each of them was asked for
    return found


def _finding(result: Result, culture: Culture | None) -> Finding | None:
    try:
        return finding_of(result, culture=culture)
    except Refused:
        return None


def judged(results: Sequence[Result]) -> list[Judged | None]:
    """What each is held against its limit."""
    return [finding and JUDGED[finding.outcome] for finding in findings_of(results)]


def stand(results: Sequence[Result]) -> list[Stands]:
    """Whether each counts already, and what it waits for."""
    corrected = set(session.scalars(sa.select(Result.corrects_id).where(
        Result.corrects_id.in_([one.id for one in results]))))
    return [_stand(one, one.id in corrected, finding)
            for one, finding in zip(results, findings_of(results), strict=True)]


def _stand(result: Result, corrected: bool, finding: Finding | None) -> Stands:
    if corrected:
        return Stands.CORRECTED
    if result.investigation and result.investigation.sets_aside:
        return Stands.SET_ASIDE
    if result.investigation and result.investigation.is_open:
        return Stands.INVESTIGATED
    if result.pending:
        return Stands.PENDING
    if result.confirmed_by_id is not None:
        return Stands.CONFIRMED
    needs_another = finding is None or finding.criterion.needs_confirmation
    return Stands.TO_CONFIRM if needs_another else Stands.RECORDED
