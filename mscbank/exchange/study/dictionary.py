"""What each column of each table means: the data dictionary that goes with the tables.

Names follow CDISC SDTM where it has one (from general knowledge, no implementation guide was
read: no conformance is claimed); ours are marked so.
"""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    """A column: its name, what it holds, of which kind, and its codes or unit."""

    name: str
    label: str
    kind: str = "text"
    codes: str = ""


SUBJECT = (Variable("STUDYID", "Study, by its registry number"),
           Variable("DOMAIN", "Table", codes="as its file is called"),
           Variable("USUBJID", "Person: study and study number"))
YES = "Y, N"
MOMENT = "ISO 8601 with the site's offset"
DAY = "1 is the day cells were first given; the day before is -1; empty before any cells"


def _finding(two: str, what: str, *, visit: bool = True) -> tuple[Variable, ...]:
    """The columns of a table of findings."""
    columns = (
        Variable(f"{two}SEQ", "Number of the row of this person", "integer"),
        Variable(f"{two}TESTCD", f"{what}, short"), Variable(f"{two}TEST", what),
        Variable(f"{two}ORRES", "Result as recorded"), Variable(f"{two}ORRESU", "Unit"),
        Variable(f"{two}STRESN", "Result as a number", "decimal"))
    return (*SUBJECT, *columns, *((Variable("VISIT", "Visit of the schedule"),) if visit else ()),
            Variable(f"{two}DTC", "Day or moment", "date", MOMENT),
            Variable(f"{two}DY", "Study day", "integer", DAY))


DICTIONARY: dict[str, tuple[str, tuple[Variable, ...]]] = {
    "DM": ("Demographics: one row a person", (
        *SUBJECT, Variable("SUBJID", "Study number"),
        Variable("RFICDTC", "Consent", "date"),
        Variable("RFSTDTC", "Cells first given", "date", MOMENT),
        Variable("RFENDTC", "Last day of follow-up", "date"),
        Variable("DTHFL", "Died in the follow-up", codes="Y, or empty"),
        Variable("AGE", "Age at the first assessment", "integer"),
        Variable("AGEU", "Unit of the age", codes="YEARS"), Variable("SEX", "Sex", codes="F, M"),
        Variable("ARMCD", "Cohort", codes="its number; SCRNFAIL; NOTASSGN"),
        Variable("ARM", "Planned dose, viable cells per kg"),
        Variable("ACTARMCD", "Cohort as treated", codes="its number; NOTTRT"),
        Variable("PROTOCOL", "Version of the protocol the person is held by (ours)"))),
    "DS": ("Disposition: consent, screening, end of follow-up", (
        *SUBJECT, Variable("DSSEQ", "Number of the row of this person", "integer"),
        Variable("DSDECOD", "What happened", codes="INFORMED CONSENT OBTAINED, SCREEN FAILURE, "
                 "COMPLETED, WITHDRAWAL BY SUBJECT, LOST TO FOLLOW-UP, DEATH, PHYSICIAN DECISION"),
        Variable("DSSTDTC", "Day", "date"), Variable("DSSTDY", "Study day", "integer", DAY))),
    "EX": ("Exposure: one row a bag", (
        *SUBJECT, Variable("EXSEQ", "Number of the row of this person", "integer"),
        Variable("EXTRT", "What was given"), Variable("EXDOSE", "Viable cells given", "integer"),
        Variable("EXDOSU", "Unit of the dose", codes="CELLS"),
        Variable("EXDOSKG", "Viable cells given per kg (ours)", "decimal"),
        Variable("EXWGT", "Weight the dose was counted from, kg (ours)", "decimal"),
        Variable("EXROUTE", "Route", codes="INTRAVENOUS"), Variable("EXLOT", "Lot"),
        Variable("EXVAMT", "Volume given", "decimal"), Variable("EXVAMTU", "Unit", codes="mL"),
        Variable("EXSTDTC", "Began", "datetime", MOMENT),
        Variable("EXENDTC", "Ended", "datetime", MOMENT),
        Variable("EXSTDY", "Study day it began", "integer", DAY),
        Variable("EXENDING", "How it ended (ours)", codes="finished, stopped"))),
    "AE": ("Adverse events: one row an event, as last known", (
        *SUBJECT, Variable("AESEQ", "Number of the event of this person", "integer"),
        Variable("AETERM", "Event; in the reporter's words where no term says it"),
        Variable("AEDECOD", "Term of CTCAE, or Other, specify"),
        Variable("AEBODSYS", "System organ class"),
        Variable("AETOXGR", "Grade", "integer", "1 to 5"),
        Variable("AETOXVER", "Version of CTCAE (ours)"),
        Variable("AESER", "Serious: at least one of the six that follow", codes=YES),
        Variable("AESDTH", "Led to death", codes=YES),
        Variable("AESLIFE", "Threatened life", codes=YES),
        Variable("AESHOSP", "Hospitalisation or its prolongation", codes=YES),
        Variable("AESDISAB", "Persistent disability", codes=YES),
        Variable("AESCONG", "Congenital anomaly", codes=YES),
        Variable("AESMIE", "Other important medical event", codes=YES),
        Variable("AEREL", "Related, the investigator's latest opinion",
                 codes="RELATED, NOT RELATED, or empty"),
        Variable("AERELSP", "Related, the sponsor's latest opinion (ours; never overwrites AEREL)",
                 codes="RELATED, NOT RELATED, or empty"),
        Variable("AEEXPECT", "Expected, the sponsor's latest opinion (ours)",
                 codes="EXPECTED, UNEXPECTED, or empty"),
        Variable("AEACN", "Done with the cells"), Variable("AEOUT", "Outcome"),
        Variable("AESTDTC", "Began", "datetime", MOMENT),
        Variable("AEENDTC", "Ended", "datetime", MOMENT),
        Variable("AESTDY", "Study day it began", "integer", DAY),
        Variable("AEENDY", "Study day it ended", "integer", DAY),
        Variable("AETRTEM", "Began after cells were first given", codes=YES),
        Variable("AEWINDOW", "When, as the protocol counts (ours)", codes="before, within, after"),
        Variable("AEINFO", "Versions of what is known (ours)", "integer"))),
    "SV": ("Visits of the schedule, those missed too", (
        *SUBJECT, Variable("VISITNUM", "Place in the schedule", "integer"),
        Variable("VISIT", "Visit of the schedule"),
        Variable("SVOCCUR", "Took place", codes=YES), Variable("SVSTDTC", "Day", "date"),
        Variable("SVSTDY", "Study day", "integer", DAY),
        Variable("SVWINFL", "Within its window (ours)", codes=YES))),
    "SS": ("Survival as seen at visits", _finding("SS", "Status")),
    "VS": ("Vital signs at the bedside and at visits, and weights", (
        *_finding("VS", "Vital sign"),
        Variable("VSTPT", "During or after the infusion (ours): INFUSION, or empty"),
        Variable("VSWHY", "Why a value out of the usual is right, in the words of who recorded it "
                          "(ours); empty where it is usual"))),
    "QS": ("Skin score and questionnaires", _finding("QS", "Score")),
    "RE": ("Lung function", _finding("RE", "Lung function")),
    "LB": ("Laboratory values", (
        *_finding("LB", "Laboratory value"),
        Variable("LBORNRLO", "Reference from", "decimal"),
        Variable("LBORNRHI", "Reference to", "decimal"),
        Variable("LBNRIND", "Beside the reference", codes="LOW, NORMAL, HIGH, or empty"))),
}


def rows() -> list[tuple[str, str, str, str, str, str]]:
    """The dictionary as a table: file, what it holds, column, label, kind, codes."""
    return [(domain, title, each.name, each.label, each.kind, each.codes)
            for domain, (title, variables) in DICTIONARY.items() for each in variables]


def columns(domain: str) -> tuple[str, ...]:
    """The columns of a table, in order."""
    return tuple(each.name for each in DICTIONARY[domain][1])
