"""The acts of this step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mscbank import clock
from mscbank.acts import Act
from mscbank.bags.lifecycle import BAG_PLACE, after
from mscbank.bags.models import Bag
from mscbank.custody import rules, schemas, service, thawing
from mscbank.custody.models import Excursion, Journey, Temperature
from mscbank.custody.papers import BOX, PACKING_LIST
from mscbank.labelling.acts import issue_act
from mscbank.permissions import Permission
from mscbank.signatures.meanings import Meaning


def _on_chart(act: str) -> Callable[[Bag], None]:
    """Refuses where the bag's chart does."""
    def look(bag: Bag) -> None:
        after(BAG_PLACE, act, bag.place, lot=bag.lot.standing)
    return look


def _may_leave(bag: Bag) -> None:
    rules.may_leave(service.why_it_stays(bag, clock.now()))


def _not_judged(excursion: Excursion) -> None:
    rules.not_judged(excursion.judged_at)


def _journey(journey: Journey) -> dict[str, Any]:
    return {"code": journey.bag.code, "journey": journey.code}


def _reading(reading: Temperature) -> dict[str, Any]:
    return {"read_at": reading.at, "celsius": reading.celsius}


ACTS: tuple[Act, ...] = (
    Act("thaw", Permission.HAND_OVER, thawing.thaw, on=Bag, schema=schemas.ThawSchema,
        possible=thawing.may_be_thawed),
    Act("issue", Permission.HAND_OVER, service.issue, on=Bag, schema=schemas.IssueSchema,
        possible=_may_leave, answer=_journey),
    Act("receive", Permission.HAND_OVER, service.receive, on=Bag, schema=schemas.ReceiveSchema,
        possible=_on_chart("receive"), answer=_journey),
    Act("read temperature", Permission.HAND_OVER, service.read_temperature, on=Journey,
        schema=schemas.TemperatureSchema, answer=_reading),
    Act("judge excursion", Permission.CLOSE_EXCURSION, service.judge_excursion, on=Excursion,
        schema=schemas.JudgementSchema, meaning=Meaning.EXCURSION_ACCEPTED,
        record=service.excursion_record, possible=_not_judged),
    Act("return", Permission.HAND_OVER, service.return_bag, on=Bag, schema=schemas.ReturnSchema,
        possible=_on_chart("return")),
    Act("accept return", Permission.ACCEPT_RETURN, service.accept_return, on=Bag,
        schema=schemas.AcceptReturnSchema, meaning=Meaning.RETURN_ACCEPTED,
        record=service.return_record, possible=_on_chart("accept return")),
    issue_act(BOX, "issue box label"), issue_act(PACKING_LIST, "issue packing list"),
)
