"""Labels of everything that comes before the bag, and of people and places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from labels.content import (
    BadgeLabel,
    CryoUnitLabel,
    CultureLabel,
    HarvestLabel,
    SampleLabel,
    StoragePlaceLabel,
    Wristband,
)
from labels.wording import Language
from mscbank import clock, things
from mscbank.accounts.models import Account
from mscbank.bags import cryo
from mscbank.bags.models import Bag, CryoUnit, StoragePlace
from mscbank.cultures.models import Culture, ReagentKind, ReagentLot, ReagentUse
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.donors.service import warnings_of
from mscbank.errors import WrongMoment
from mscbank.harvests.models import Anticoagulant, Harvest
from mscbank.labelling import contents
from mscbank.labelling.jobs import Paper, Wanted, known
from mscbank.labelling.kept import DonorTube
from mscbank.labelling.models import LabelKind
from mscbank.permissions import Permission
from mscbank.recipients import models as recipients
from mscbank.recipients.service import protocol_of
from mscbank.settings import local, settings
from mscbank.testing.models import Sample
from specs import shelf

_SMALL = "small-50x25"
_MARROW = {Language.EN: "Bone marrow", Language.FR: "Moelle osseuse",
           Language.BOTH: "Bone marrow / Moelle osseuse"}
_NO_MEDIUM = {Language.EN: "medium not recorded", Language.FR: "milieu non noté",
              Language.BOTH: "medium not recorded / milieu non noté"}
_HEPARIN = {Language.EN: "heparin", Language.FR: "héparine", Language.BOTH: "heparin / héparine"}


def _donor_tube(wanted: Wanted, language: Language) -> DonorTube:
    told = wanted.told
    return DonorTube(code=wanted.text, donor_number=wanted.thing.number, tests=told["tests"],
                     tube=told["tube"],
                     taken_at=local(datetime.fromisoformat(told["taken_at"])))


def _marrow(wanted: Wanted, language: Language) -> HarvestLabel:
    harvest: Harvest = wanted.thing
    config, recipient = settings(), harvest.donor.recipient
    protocol = protocol_of(recipient)
    cautions, agents = contents.donor_cautions(warnings_of(harvest.donor))
    anticoagulant = (_HEPARIN[language] if harvest.anticoagulant is Anticoagulant.HEPARIN
                     else str(harvest.anticoagulant))
    until = harvest.collected_at + timedelta(hours=protocol.culture.marrow_to_seeding_hours_max)
    return HarvestLabel(
        code=wanted.text, din=harvest.din, material=_MARROW[language],
        collected_at=local(harvest.collected_at), expiry=local(until), volume=harvest.volume_ml,
        anticoagulant=anticoagulant, recipient_number=recipient.number,
        storage=contents.degrees(protocol.temperature("marrow"), language),
        trial=protocol.registry_id, facility=config.site_name,
        facility_address=config.site_address, cautions=cautions, reactive_for=agents)


def _vessel(wanted: Wanted, language: Language) -> CultureLabel:
    culture: Culture = wanted.thing
    media = session.scalars(
        sa.select(ReagentLot).join(ReagentUse).where(
            ReagentUse.used_in == culture.code, ReagentLot.reagent == ReagentKind.MEDIUM)
        .order_by(ReagentUse.id)).all()
    return CultureLabel(
        code=wanted.text, number=culture.harvest.din, passage=f"P{culture.passage}",
        vessel=f"{wanted.part}/{culture.vessels}, {culture.vessel}",
        seeded_at=local(culture.seeded_at),
        medium=media[-1].title if media else _NO_MEDIUM[language],
        recipient_number=culture.harvest.donor.recipient.number)


def _cryo_unit(wanted: Wanted, language: Language) -> CryoUnitLabel:
    unit: CryoUnit = wanted.thing
    recipient = unit.harvest.donor.recipient
    return CryoUnitLabel(
        code=wanted.text, number=unit.harvest.din, passage=f"P{unit.culture.passage}",
        unit=f"{unit.number}/{unit.units}", cells=_viable(unit, language),
        frozen_on=local(unit.frozen_at).date(),
        expiry=unit.expires_at and local(unit.expires_at), recipient_number=recipient.number,
        storage=contents.degrees(protocol_of(recipient).temperature("frozen_bag"), language))


def _viable(unit: CryoUnit, language: Language) -> str:
    """A vial has no room for the words twice."""
    if language is not Language.BOTH:
        return contents.cells_text(unit.viable_cells, language)
    number, _, _ = contents.cells_text(unit.viable_cells, Language.EN).partition(" viable")
    return f"{number} viable / viables"


def _sample(wanted: Wanted, language: Language) -> SampleLabel:
    """Its code, what it was taken from, for whom that is made, the stage and the moment."""
    sample: Sample = wanted.thing
    source = things.by_code(sample.taken_from)
    made = source.lot if isinstance(source, Bag) else source
    return SampleLabel(code=wanted.text, number=source.title, test=str(sample.stage),
                       source=made.harvest.donor.recipient.number,
                       taken_at=local(sample.taken_at))


def _place(wanted: Wanted, language: Language) -> StoragePlaceLabel:
    protocol = shelf.protocol(settings().protocol)
    return StoragePlaceLabel(
        code=wanted.text, place=wanted.thing.title,
        temperature=contents.degrees(protocol.temperature("frozen_bag"), language))


def _badge(wanted: Wanted, language: Language) -> BadgeLabel:
    account: Account = wanted.thing
    held = sorted(account.roles_at(clock.now()))
    return BadgeLabel(code=wanted.text, number=account.username,
                      role=", ".join(held) or "no role")


def _wristband(wanted: Wanted, language: Language) -> Wristband:
    band: recipients.Wristband = wanted.thing
    return Wristband(code=wanted.text, recipient_number=band.recipient.number,
                     trial=protocol_of(band.recipient).registry_id,
                     issued_on=local(band.recorded_at).date())


def _not_ended(thing: Any) -> None:
    if thing.ended_at is not None:
        raise WrongMoment(f"{thing.title} has ended and gets no label any more.")


DONOR_TUBE = known(Paper(
    LabelKind.DONOR_TUBE, Donor, Permission.RECORD_DONOR_TESTS, DonorTube, _SMALL, _donor_tube,
    told=("tests", "tubes", "taken_at")))
HARVEST = known(Paper(LabelKind.HARVEST, Harvest, Permission.RECORD_HARVEST, HarvestLabel,
                      "bag-100x50", _marrow, shapes=frozenset({"wide"})))
VESSEL = known(Paper(
    LabelKind.VESSEL, Culture, Permission.CULTURE, CultureLabel, _SMALL, _vessel,
    parts=lambda culture: culture.vessels, usable=_not_ended))
CRYO_UNIT = known(Paper(LabelKind.CRYO_UNIT, CryoUnit, Permission.CULTURE, CryoUnitLabel, _SMALL,
                        _cryo_unit, usable=cryo.may_be_kept))
SAMPLE = known(Paper(LabelKind.SAMPLE, Sample, Permission.TEST, SampleLabel, _SMALL, _sample))
PLACE = known(Paper(LabelKind.PLACE, StoragePlace, Permission.FILL, StoragePlaceLabel, _SMALL,
                    _place))
BADGE = known(Paper(LabelKind.BADGE, Account, Permission.KEEP_ACCOUNTS, BadgeLabel, "badge-86x54",
                    _badge, usable=_not_ended))
WRISTBAND = known(Paper(
    LabelKind.WRISTBAND, recipients.Wristband, Permission.ISSUE_WRISTBAND, Wristband, "wristband",
    _wristband, usable=_not_ended))
EARLY = (DONOR_TUBE, HARVEST, VESSEL, CRYO_UNIT, SAMPLE, PLACE, BADGE, WRISTBAND)
