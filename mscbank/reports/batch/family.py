"""Everything a batch record is made of, read in a fixed number of questions to the database.

However many bags, samples and entries there are, each kind is asked for once; the chapters only
draw. ``names`` tells a house code as people say it, ``person`` a number as a user name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from labels import housecode
from mscbank import lineage
from mscbank.accounts.models import Account, Alert
from mscbank.audit.models import Entry
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture, ReagentUse
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Check, Infusion, Order, OrderedBag
from mscbank.labelling.models import LabelCopy, LabelJob
from mscbank.lineage import Derivation
from mscbank.recipients.acts import ACTS
from mscbank.recipients.models import Recipient, Weight
from mscbank.release.models import (
    Decision,
    Deviation,
    ExceptionRequest,
    Hold,
    TrailReview,
)
from mscbank.release.record import deviations_of
from mscbank.release.verdict import findings_of
from mscbank.reports.batch.names import names_of
from mscbank.signatures.models import Signature
from mscbank.signatures.service import remember
from mscbank.testing.files import Attachment
from mscbank.testing.models import Investigation, Result, Sample
from specs.judge import Finding

_PLACE = re.compile(rf"\b{StoragePlace.KIND}[{housecode.ALPHABET}]{{{housecode.LENGTH - 2}}}\b")


def _rows(model: type[Any], *where: Any, options: Sequence[Any] = ()) -> list[Any]:
    return list(session.scalars(
        sa.select(model).where(*where).order_by(model.id).options(*options)))


@dataclass
class Family:
    """A lot with all it came from, all that was done to it, and who did it."""

    lot: Lot
    made_from: list[str] = field(init=False)
    signatures: dict[int, Signature] = field(init=False)
    entries: list[Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.made_from = lineage.ancestors(self.lot.code)
        remember([*self.accounts.values(), self.lot, self.harvest, self.donor, self.recipient,
                  *self.cultures, *self.bags, *self.samples, *self.results,
                  *(use.reagent_lot for use in self.uses)])
        self.signatures = {row.id: row for row in _rows(
            Signature, Signature.id.in_(list(self._signature_ids())))}
        self.entries = self._entries()

    @cached_property
    def accounts(self) -> dict[int, Account]:
        return {account.id: account for account in _rows(Account)}

    def person(self, account_id: int | None) -> str:
        """The user name of who did it; a dash where nobody did."""
        return self.accounts[account_id].username if account_id else "—"

    @cached_property
    def _elsewhere(self) -> dict[str, str]:
        """What entries name that is no part of the family: places, people, the recipient."""
        found = {code for entry in self.entries for code in _PLACE.findall(entry.body)}
        told = {place.code: place.title for place in _rows(
            StoragePlace, StoragePlace.code.in_(found))}
        told |= {account.code: account.username for account in self.accounts.values()}
        told |= {band.code: f"wristband {number}" for number, band
                 in enumerate(self.recipient.wristbands, 1)}
        return told | {self.recipient.code: self.recipient.number}

    @cached_property
    def harvest(self) -> Harvest:
        return session.scalars(sa.select(Harvest).where(Harvest.id == self.lot.harvest_id).options(
            joinedload(Harvest.donor).options(
                joinedload(Donor.recipient), selectinload(Donor.markers),
                selectinload(Donor.consents), selectinload(Donor.decisions),
                selectinload(Donor.hla)))).one()

    @property
    def donor(self) -> Donor:
        return self.harvest.donor

    @property
    def recipient(self) -> Recipient:
        return self.donor.recipient

    @cached_property
    def cultures(self) -> list[Culture]:
        """In the order of passages; reading the harvest first spares a question for each."""
        harvest = self.harvest
        return [culture for culture in _rows(
            Culture, Culture.code.in_(self.made_from), Culture.harvest_id == harvest.id,
            options=(selectinload(Culture.notes), selectinload(Culture.counts)))]

    @cached_property
    def uses(self) -> list[ReagentUse]:
        return _rows(ReagentUse, ReagentUse.used_in.in_([self.lot.code, *self.made_from]),
                     options=(joinedload(ReagentUse.reagent_lot),))

    @cached_property
    def edges(self) -> list[Derivation]:
        """From the harvest to the lot, without the bags."""
        return _rows(Derivation, Derivation.child.in_([self.lot.code, *self.made_from]))

    @cached_property
    def links(self) -> list[lineage.Link]:
        """The same for pictures, over what was frozen between two passages."""
        return lineage.stepping_over(self.edges, [
            self.lot.code, self.harvest.code, *(each.code for each in self.cultures)])

    @cached_property
    def cryo_units(self) -> list[CryoUnit]:
        return _rows(CryoUnit, CryoUnit.code.in_(self.made_from))

    @cached_property
    def bags(self) -> list[Bag]:
        return list(session.scalars(sa.select(Bag).where(Bag.lot_id == self.lot.id)
                                    .order_by(Bag.number).options(
            joinedload(Bag.storage_place), selectinload(Bag.labels),
            selectinload(Bag.journeys).options(
                selectinload(Journey.readings), selectinload(Journey.excursions)),
            selectinload(Bag.infusion).options(
                selectinload(Infusion.observations), selectinload(Infusion.reactions),
                joinedload(Infusion.paper)))))

    @cached_property
    def weights(self) -> dict[int, Weight]:
        """The weights the orders were counted from, by their keys."""
        return {each.id: each for each in _rows(
            Weight, Weight.id.in_([order.weight_id for order in self.orders]))}

    @cached_property
    def labels(self) -> list[LabelCopy]:
        return [copy for bag in self.bags for copy in bag.labels]

    @cached_property
    def journeys(self) -> list[Journey]:
        return [journey for bag in self.bags for journey in bag.journeys]

    @cached_property
    def infusions(self) -> list[Infusion]:
        return [bag.infusion for bag in self.bags if bag.infusion]

    @cached_property
    def orders(self) -> list[Order]:
        parts = sa.select(OrderedBag.order_id).where(OrderedBag.bag_id.in_(self._bag_ids))
        return _rows(Order, Order.id.in_(parts), options=(
            selectinload(Order.parts).joinedload(OrderedBag.bag),))

    @cached_property
    def checks(self) -> list[Check]:
        return _rows(Check, Check.bag_id.in_(self._bag_ids),
                     options=(joinedload(Check.wristband),))

    @cached_property
    def samples(self) -> list[Sample]:
        return _rows(Sample, sa.or_(Sample.lot_id == self.lot.id,
                                    Sample.taken_from.in_([self.lot.code, *self.made_from])),
                     options=(selectinload(Sample.moves), selectinload(Sample.results).options(
                         selectinload(Result.replicates), selectinload(Result.attachments),
                         selectinload(Result.investigation).options(
                             selectinload(Investigation.answers),
                             selectinload(Investigation.attachments)))))

    @cached_property
    def results(self) -> list[Result]:
        return sorted((result for sample in self.samples for result in sample.results),
                      key=lambda result: result.id)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The specification beside the results that stand."""
        return findings_of(self.lot)

    @cached_property
    def investigations(self) -> list[Investigation]:
        return [each.investigation for each in self.results if each.investigation]

    @cached_property
    def attachments(self) -> list[Attachment]:
        return _rows(Attachment, Attachment.about.in_(self.names))

    @cached_property
    def deviations(self) -> list[Deviation]:
        found = deviations_of(self.lot)
        _rows(Deviation, Deviation.id.in_([each.id for each in found]), options=(
            selectinload(Deviation.classifications), selectinload(Deviation.investigations),
            selectinload(Deviation.actions)))
        return found

    @cached_property
    def holds(self) -> list[Hold]:
        return _rows(Hold, sa.or_(Hold.lot_id == self.lot.id, Hold.bag_id.in_(self._bag_ids)))

    @cached_property
    def decisions(self) -> list[Decision]:
        return _rows(Decision, Decision.lot_id == self.lot.id)

    @cached_property
    def requests(self) -> list[ExceptionRequest]:
        return _rows(ExceptionRequest, ExceptionRequest.lot_id == self.lot.id)

    @cached_property
    def alerts(self) -> list[Alert]:
        return _rows(Alert, Alert.about.in_([self.lot.code, *(bag.code for bag in self.bags)]))

    @cached_property
    def reviews(self) -> list[TrailReview]:
        """Of this lot's entries; those of the whole trail are not this lot's papers."""
        return _rows(TrailReview, TrailReview.lot_id == self.lot.id)

    @cached_property
    def jobs(self) -> list[LabelJob]:
        return _rows(LabelJob, LabelJob.id.in_({copy.job_id for copy in self.labels
                                                if copy.job_id}))

    @cached_property
    def _bag_ids(self) -> list[int]:
        return [bag.id for bag in self.bags]

    @cached_property
    def names(self) -> dict[str, str]:
        """Every thing of the family by its house code, as people say it."""
        return names_of(self)

    def name(self, code: str | None, nothing: str = "—") -> str:
        """How people say this code; the code itself where nothing here is known of it."""
        if code is None:
            return nothing
        return self.names.get(code) or self._elsewhere.get(code, code)

    def _signature_ids(self) -> Iterable[int]:
        yield from (each.signature_id for each in (
            *self.donor.decisions, *self.recipient.assessments, *self.decisions, *self.requests,
            *self.orders, *self.reviews, *self.alerts) if each.signature_id)
        yield from (each.lifting_signature_id for each in self.holds if each.lifting_signature_id)
        yield from (each.closing_signature_id for each in self.deviations
                    if each.closing_signature_id)
        yield from (each.concluding_signature_id for each in self.investigations
                    if each.concluding_signature_id)
        yield from (each.signature_id for journey in self.journeys for each in journey.excursions
                    if each.signature_id)

    def _entries(self) -> list[Entry]:
        """Every entry about one of the family. Of the recipient's those that name one, and those
        that made the recipient one of the trial; what the follow-up found is no batch's record.
        """
        enrolment = {act.name for act in ACTS}
        subjects = [*self.names, *(each.code for each in self.attachments), self.recipient.code]
        found = session.scalars(sa.select(Entry).where(Entry.subject.in_(subjects))
                                .order_by(Entry.sequence))
        return [entry for entry in found if entry.subject != self.recipient.code
                or entry.act in enrolment or any(code in entry.body for code in self.names)]

    @cached_property
    def bodies(self) -> list[dict[str, Any]]:
        """What each entry holds, in their order."""
        return [json.loads(entry.body) for entry in self.entries]
