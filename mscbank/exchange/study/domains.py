"""The records as rows of the tables: who, what was given, what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mscbank.database import plain_decimal
from mscbank.exchange.study import measured
from mscbank.exchange.study.days import moment, study_day
from mscbank.followup.events import latest_opinion
from mscbank.followup.event_models import COLUMN_OF, Seriousness
from mscbank.followup.models import Ended, Side, standing
from mscbank.recipients.models import Sex
from mscbank.reports.trial.facts import Event, Person, Span, Study, cells_of
from specs import terms

Row = dict[str, Any]
PRODUCT = "Allogeneic marrow mesenchymal stromal cells of a relative"
ENDED = {Ended.COMPLETED: "COMPLETED", Ended.WITHDRAWN: "WITHDRAWAL BY SUBJECT",
         Ended.LOST: "LOST TO FOLLOW-UP", Ended.DIED: "DEATH", Ended.STOPPED: "PHYSICIAN DECISION"}
SERIOUS = {Seriousness.DEATH: "AESDTH", Seriousness.LIFE_THREATENING: "AESLIFE",
           Seriousness.HOSPITALISATION: "AESHOSP", Seriousness.DISABILITY: "AESDISAB",
           Seriousness.CONGENITAL: "AESCONG", Seriousness.IMPORTANT: "AESMIE"}


def tables(study: Study) -> dict[str, list[Row]]:
    """Every table's rows, person after person in the order of the study numbers."""
    made = {"DM": _demographics, "DS": _disposition, "EX": _exposure, "AE": _events,
            "SV": _visits, "SS": measured.survival, "VS": measured.vital_signs,
            "QS": measured.scores, "RE": measured.lungs, "LB": measured.laboratory}
    people = sorted(study.people, key=lambda each: each.row.number)
    return {domain: [{"STUDYID": study.protocol.registry_id, "DOMAIN": domain,
                      "USUBJID": f"{study.protocol.registry_id}-{person.row.number}"} | row
                     for person in people for row in numbered(domain, make(person, study))]
            for domain, make in made.items()}


def numbered(domain: str, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows of one person with their number."""
    for number, row in enumerate(rows, 1):
        yield {f"{domain}SEQ": number} | row


def yes(answer: bool) -> str:
    return "Y" if answer else "N"


def _demographics(person: Person, study: Study) -> Iterator[Row]:
    row, place = person.row, person.row.allocation
    assessed = row.assessments[0] if row.assessments else None
    waiting = "SCRNFAIL" if person.screened_out else "NOTASSGN"
    yield {
        "SUBJID": row.number,
        "RFICDTC": min((each.given_on for each in row.consents), default=None),
        "RFSTDTC": moment(person.infusions[0].started_at) if person.infusions else None,
        "RFENDTC": person.last_on, "AGE": assessed and assessed.age,
        "DTHFL": "Y" if person.end and person.end.ended_as is Ended.DIED else None,
        "AGEU": "YEARS" if assessed else None, "SEX": "F" if row.sex is Sex.FEMALE else "M",
        "ARMCD": place.cohort if place else waiting, "ARM": place.dose_per_kg if place else None,
        "ACTARMCD": place.cohort if place and person.infusions else "NOTTRT",
        "PROTOCOL": row.protocol}


def _disposition(person: Person, _: Study) -> Iterator[Row]:
    found = [(each.given_on, "INFORMED CONSENT OBTAINED") for each in person.row.consents]
    if failed := person.row.screening_failure:
        found.append((failed.ended_on, "SCREEN FAILURE"))
    if person.end:
        found.append((person.end.ended_on, ENDED[person.end.ended_as]))
    for on, what in sorted(found):
        yield {"DSDECOD": what, "DSSTDTC": on, "DSSTDY": study_day(person, on)}


def _exposure(person: Person, _: Study) -> Iterator[Row]:
    for each in person.infusions:
        cells, kg = cells_of(each), each.order.weight_kg
        yield {
            "EXTRT": PRODUCT, "EXDOSE": int(cells), "EXDOSU": "CELLS",
            "EXDOSKG": plain_decimal((cells / kg).quantize(measured.TENTH)),
            "EXWGT": plain_decimal(kg), "EXROUTE": "INTRAVENOUS", "EXLOT": each.bag.lot.number,
            "EXVAMT": each.volume_given_ml, "EXVAMTU": "mL", "EXSTDTC": moment(each.started_at),
            "EXENDTC": moment(each.ended_at), "EXSTDY": study_day(person, each.started_at),
            "EXENDING": each.ending}


def _events(person: Person, _: Study) -> Iterator[Row]:
    for event in sorted(person.events, key=lambda each: (each.row.onset_at, each.row.id)):
        yield _event(person, event)


def _event(person: Person, event: Event) -> Row:
    row, now = event.row, event.row.now
    said = {side: latest_opinion(row, side) for side in Side}
    sponsor = said[Side.SPONSOR]
    causes = {side: None if one is None else str(one.cause).upper() for side, one in said.items()}
    return {
        "AETERM": row.named, "AEDECOD": row.term,
        "AEBODSYS": terms.organ_class(row.ctcae_version, row.term), "AETOXGR": now.grade,
        "AETOXVER": row.ctcae_version, "AESER": yes(now.serious),
        **{SERIOUS[each]: yes(getattr(now, column)) for each, column in COLUMN_OF.items()},
        "AEREL": causes[Side.INVESTIGATOR], "AERELSP": causes[Side.SPONSOR],
        "AEEXPECT": str(sponsor.expectedness).upper() if sponsor and sponsor.expectedness else None,
        "AEACN": now.action, "AEOUT": now.outcome, "AESTDTC": moment(row.onset_at),
        "AEENDTC": moment(now.ended_at), "AESTDY": study_day(person, row.onset_at),
        "AEENDY": study_day(person, now.ended_at), "AETRTEM": yes(event.span is not Span.BEFORE),
        "AEWINDOW": event.span, "AEINFO": len(row.information)}


def _visits(person: Person, study: Study) -> Iterator[Row]:
    order = {visit.name: number for number, visit in enumerate(study.protocol.visits, 1)}
    for each in sorted(standing(person.row.visits), key=lambda one: order.get(one.name, 0)):
        yield {"VISITNUM": order.get(each.name), "VISIT": each.name,
               "SVOCCUR": yes(each.took_place_on is not None), "SVSTDTC": each.took_place_on,
               "SVSTDY": study_day(person, each.took_place_on),
               "SVWINFL": yes(each.within_window)}
