"""The acts of this step."""

from __future__ import annotations

from mscbank.acts import Act
from mscbank.donors.models import Donor
from mscbank.harvests import rules, schemas, service
from mscbank.harvests.models import Harvest
from mscbank.permissions import Permission


def _still_here(harvest: Harvest) -> None:
    rules.not_dispatched(harvest.dispatched_at)


def _on_its_way(harvest: Harvest) -> None:
    rules.on_its_way(harvest.dispatched_at, harvest.received_at)


ACTS: tuple[Act, ...] = (
    Act("harvest", Permission.RECORD_HARVEST, service.harvest, on=Donor,
        schema=schemas.HarvestMarrow, possible=service.may_be_harvested,
        answer=lambda harvest: {"din": harvest.din}, drafted=True),
    Act("dispatch", Permission.RECORD_HARVEST, service.dispatch, on=Harvest,
        schema=schemas.Dispatch, possible=_still_here),
    Act("receive harvest", Permission.RECEIVE_HARVEST, service.receive_harvest, on=Harvest,
        schema=schemas.ReceiveHarvest, possible=_on_its_way,
        answer=lambda harvest: {"faults": service.transport_faults(harvest)}, drafted=True),
)
