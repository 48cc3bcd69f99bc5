"""Results, and what else is known of a lot, as the judge reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from mscbank import lineage
from mscbank.bags.models import Lot
from mscbank.cultures.models import Culture, CultureNote
from mscbank.database import session
from mscbank.recipients.service import protocol_of
from mscbank.testing.models import Result
from mscbank.testing.service import specification_for
from specs import judge
from specs.criterion import Stage
from specs.endotoxin import Dose


def for_judge(result: Result) -> judge.Result:
    """A row as the judge reads it; one that an investigation set aside says so."""
    investigation = result.investigation
    aside = investigation is not None and investigation.sets_aside
    return judge.Result(
        key=result.test, stage=Stage(result.sample.stage), performed_at=result.performed_at,
        value=result.value, text=result.word, unit=result.unit,
        qualifier=judge.Qualifier(result.qualifier), pending=result.pending,
        confirmed=result.confirmed_by_id is not None, method=result.method,
        set_aside=f"laboratory error, {investigation.number}" if aside else "")


def derived_results(lot: Lot) -> list[judge.Result]:
    """What the lot itself answers: its passage number, and how full its cultures ever were."""
    derived = [judge.Result(key="passage", stage=Stage.DRUG_SUBSTANCE, performed_at=lot.filled_at,
                            value=Decimal(lot.passage), confirmed=True)]
    fullest = session.execute(
        sa.select(CultureNote.confluence, CultureNote.at).join(Culture)
        .where(Culture.code.in_(lineage.ancestors(lot.code)), CultureNote.confluence.is_not(None))
        .order_by(CultureNote.confluence.desc(), CultureNote.id).limit(1)).first()
    if fullest:
        derived.append(judge.Result(
            key="confluence", stage=Stage.IN_PROCESS, performed_at=fullest.at,
            value=Decimal(fullest.confluence), unit="%", confirmed=True))
    return derived


def largest_dose(lot: Lot) -> Dose:
    """The most the recipient may be given of this lot, from its weakest bag: the dose per kg of
    the recipient's place in the trial (the highest of the protocol while there is none) and what
    the order's tolerance allows above it."""
    recipient = lot.harvest.donor.recipient
    protocol = protocol_of(recipient)
    per_kg = (recipient.allocation.dose_per_kg if recipient.allocation
              else max(cohort.dose_per_kg for cohort in protocol.cohorts))
    weakest = max(lot.bags, key=lambda bag: bag.volume_ml / bag.viable_cells)
    return Dose(cells_per_kg=per_kg * (100 + protocol.dose.tolerance_percent) / 100,
                bag_ml=weakest.volume_ml, bag_cells=Decimal(weakest.viable_cells)
                * protocol.dose.thaw_recovery_percent / 100)


def finding_of(result: Result, *, at: datetime | None = None,
               culture: Culture | None = None) -> judge.Finding:
    """What the judge says of this one result by itself, as of when it was written down: also of
    one that was corrected or set aside since. ``culture``: the sampled one, where it is at hand."""
    lot = result.lot_id and session.get(Lot, result.lot_id)
    with session.no_autoflush:
        alone = replace(for_judge(result), set_aside="")
        findings = judge.judge(specification_for(result.sample, culture), [alone],
                               at=at or result.recorded_at,
                               dose=largest_dose(lot) if lot else None)
    return next(one for one in findings if (one.key, one.stage) == (alone.key, alone.stage))
