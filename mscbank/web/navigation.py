"""The ways into the bank, grouped by the work, as the head of each page shows them.

A new page gets one line in ``GROUPS``: its label, its address, and the row of the chart that says
whose work it is. A group of which a person sees one page only stands as that page; a group of which
they see none does not stand.
"""

from __future__ import annotations

from dataclasses import dataclass

from mscbank.permissions import Actor, Role
from mscbank.permissions import Permission as P


@dataclass(frozen=True)
class Way:
    """One page of the head: where it leads, and whose work it is (nobody named: everyone's)."""

    label: str
    path: str
    permission: P | None = None
    here: bool = False


@dataclass(frozen=True)
class Group:
    """Pages that belong together; ``here`` when the page shown is one of them."""

    title: str
    ways: tuple[Way, ...]

    @property
    def here(self) -> bool:
        return any(way.here for way in self.ways)


GROUPS: tuple[Group, ...] = (
    Group("", (Way("Worklist", "/"),)),
    Group("", (Way("Bedside", "/bedside", P.INFUSE),)),
    Group("Family", (
        Way("Recipients", "/recipients/", P.READ_RECORDS),
        Way("Donors", "/donors/", P.READ_RECORDS),
        Way("Harvests", "/harvests/", P.READ_RECORDS))),
    Group("Laboratory", (
        Way("Cultures", "/cultures/", P.READ_RECORDS),
        Way("Samples", "/samples/", P.CONFIRM_RESULT),
        Way("Results", "/results/", P.CONFIRM_RESULT),
        Way("Files of instruments", "/imports/", P.KEEP_SHAPES),
        Way("Reagents", "/reagents/", P.KEEP_REAGENTS),
        Way("Methods", "/methods/", P.KEEP_REGISTER),
        Way("Laboratories", "/laboratories/", P.KEEP_REGISTER))),
    Group("Bank", (
        Way("Lots", "/lots/", P.READ_RECORDS),
        Way("Bags", "/bags/", P.READ_RECORDS),
        Way("Cryo units", "/cryo-units/", P.CULTURE),
        Way("Freezer map", "/freezer", P.READ_RECORDS),
        Way("Storage places", "/places/", P.FILL),
        Way("Label jobs", "/label-jobs/", P.LABEL),
        Way("Copies of labels", "/label-copies/", P.LABEL),
        Way("Printers", "/printers/", P.KEEP_PRINTERS))),
    Group("Ward", (
        Way("Journeys", "/journeys/", P.HAND_OVER),
        Way("Orders", "/orders/", P.OBSERVE),
        Way("Infusions", "/infusions/", P.OBSERVE))),
    Group("Trial", (
        Way("Trial", "/trial", P.READ_RECORDS),
        Way("Visits due", "/follow-up", P.FOLLOW_UP),
        Way("Cohorts and follow-up", "/cohorts", P.READ_RECORDS),
        Way("Study report", "/reports/trial", P.READ_RECORDS),
        Way("Adverse events", "/adverse-events/", P.FOLLOW_UP),
        Way("Exports of the study", "/study-exports/", P.EXPORT_STUDY))),
    Group("Quality", (
        Way("Deviations", "/deviations/", P.READ_RECORDS),
        Way("Actions", "/actions/", P.INVESTIGATE),
        Way("Investigations", "/investigations/", P.INVESTIGATE),
        Way("Holds", "/holds/", P.LIFT_HOLD),
        Way("Excursions", "/excursions/", P.CLOSE_EXCURSION),
        Way("Reviews of the trail", "/trail-reviews/", P.REVIEW_TRAIL),
        Way("Trail", "/trail", P.READ_TRAIL))),
    Group("House", (
        Way("People", "/people/", P.READ_ACCOUNTS),
        Way("Try the scanner", "/scanner", P.READ_RECORDS),
        Way("How scanning goes", "/scanning", P.READ_SCANNING),
        Way("Scan log", "/scans", P.READ_TRAIL))),
)


def ways_of(person: Actor | None, path: str) -> list[Group]:
    """The groups this person works with; the page at ``path`` and its group are marked. Who
    audits is shown every list: the others find there what they do, the auditor what was done."""
    if person is None:
        return []
    everything = Role.AUDITOR in person.roles  # the address of a list ends with its stroke
    seen = [Group(group.title, tuple(
        way for way in group.ways if way.permission is None or person.may(way.permission)
        or (everything and way.path.endswith("/")))) for group in GROUPS]
    here = max((way.path for group in seen for way in group.ways if _within(path, way.path)),
               key=len, default=None)
    return [Group(group.title, tuple(Way(way.label, way.path, way.permission, way.path == here)
                                     for way in group.ways)) for group in seen if group.ways]


def _within(path: str, way: str) -> bool:
    return path == way or (way != "/" and path.startswith(way.rstrip("/") + "/"))
