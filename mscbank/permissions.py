"""WALL CHART: who may do what. The door of a page, the act and the README read these rows.

Nobody has a right that does not stand here. An administrator keeps accounts and has no rights in
the laboratory. An auditor reads everything but names and changes nothing. Separation of duties
(another person than the one who ...) is ``another_person``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mscbank.errors import NotAllowed, SamePerson


class Role(StrEnum):
    TECHNICIAN = "technician"
    QUALITY = "quality assurance"
    PHYSICIAN = "physician"
    NURSE = "nurse"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


T, Q, P, N, C, A, U = Role
EVERYONE = (T, Q, P, N, C)


class Permission(StrEnum):
    """What a person may be allowed to do, in the words of the trail."""

    KEEP_ACCOUNTS = "keep accounts"
    READ_ACCOUNTS = "read accounts"
    CONFIRM_LOST_CREDENTIAL = "confirm a lost credential"
    READ_RECORDS = "read records"
    READ_IDENTITIES = "read identities"
    READ_TRAIL = "read the trail"
    REVIEW_TRAIL = "review the trail"
    READ_SCANNING = "read how scanning goes"
    ACKNOWLEDGE_ALERT = "acknowledge an alert"
    ENROL = "enrol a family"
    ASSESS_ELIGIBILITY = "assess eligibility"
    PAUSE_TRIAL = "pause a trial"
    RESUME_TRIAL = "resume a trial"
    WEIGH = "weigh"
    ISSUE_WRISTBAND = "issue a wristband"
    RECORD_DONOR_TESTS = "record donor tests"
    RECORD_HARVEST = "record a harvest"
    RECEIVE_HARVEST = "receive a harvest"
    KEEP_REAGENTS = "keep reagents"
    RELEASE_REAGENTS = "release reagents"
    CULTURE = "work on cultures"
    FILL = "fill and store bags"
    DESTROY = "destroy bags"
    TEST = "sample and record results"
    CONFIRM_RESULT = "confirm results"
    KEEP_SHAPES = "map the files of instruments"
    KEEP_REGISTER = "keep the register of methods and laboratories"
    ATTACH = "attach files"
    INVESTIGATE = "investigate a result out of specification"
    CONCLUDE_INVESTIGATION = "conclude an investigation"
    RELEASE = "decide on a lot"
    REQUEST_EXCEPTION = "request an exceptional release"
    HOLD = "place a hold"
    LIFT_HOLD = "lift a hold"
    OPEN_DEVIATION = "open a deviation"
    CLASSIFY_DEVIATION = "classify a deviation"
    INVESTIGATE_DEVIATION = "investigate a deviation"
    PLAN_ACTION = "plan an action"
    FINISH_ACTION = "finish an action"
    VERIFY_ACTION = "verify an action"
    CLOSE_DEVIATION = "close a deviation"
    LABEL = "print and apply labels"
    LABEL_COPIES = "account for copies of labels"
    KEEP_PRINTERS = "keep label printers"
    RECONCILE_LABELS = "reconcile labels"
    HAND_OVER = "hand over and carry"
    CLOSE_EXCURSION = "judge an excursion"
    ACCEPT_RETURN = "accept a return"
    ORDER_INFUSION = "order an infusion"
    INFUSE = "check and infuse"
    OBSERVE = "observe and report a reaction"
    FOLLOW_UP = "record follow-up"
    JUDGE_CAUSE = "judge the cause of an event"
    SPONSOR_OPINION = "give the sponsor's opinion"
    EXPEDITE = "record an expedited report"
    EXPORT_STUDY = "export the study's data"


CHART: dict[Permission, tuple[Role, ...]] = {
    Permission.KEEP_ACCOUNTS: (A,),
    Permission.READ_ACCOUNTS: (Q, A, U),
    Permission.CONFIRM_LOST_CREDENTIAL: (Q, A),
    Permission.READ_RECORDS: (*EVERYONE, U),
    Permission.READ_IDENTITIES: (P, N, C),
    Permission.READ_TRAIL: (Q, A, U),
    Permission.REVIEW_TRAIL: (Q,),
    Permission.READ_SCANNING: (Q, C, U),
    Permission.ACKNOWLEDGE_ALERT: (*EVERYONE, A),
    Permission.ENROL: (P, C),
    Permission.ASSESS_ELIGIBILITY: (P,),
    Permission.PAUSE_TRIAL: (Q, P, C),
    Permission.RESUME_TRIAL: (C,),
    Permission.WEIGH: (P, N),
    Permission.ISSUE_WRISTBAND: (P, N, C),
    Permission.RECORD_DONOR_TESTS: (P, T, C),
    Permission.RECORD_HARVEST: (P, N),
    Permission.RECEIVE_HARVEST: (T,),
    Permission.KEEP_REAGENTS: (T, Q),
    Permission.RELEASE_REAGENTS: (Q,),
    Permission.CULTURE: (T,),
    Permission.FILL: (T,),
    Permission.DESTROY: (T, Q),
    Permission.TEST: (T,),
    Permission.CONFIRM_RESULT: (T, Q),
    Permission.KEEP_SHAPES: (T, Q),
    Permission.KEEP_REGISTER: (Q,),
    Permission.ATTACH: EVERYONE,
    Permission.INVESTIGATE: (T, Q),
    Permission.CONCLUDE_INVESTIGATION: (Q,),
    Permission.RELEASE: (Q,),
    Permission.REQUEST_EXCEPTION: (P,),
    Permission.HOLD: (T, Q, P),
    Permission.LIFT_HOLD: (Q,),
    Permission.OPEN_DEVIATION: (T, Q, P, N, C),
    Permission.CLASSIFY_DEVIATION: (Q,),
    Permission.INVESTIGATE_DEVIATION: (T, Q),
    Permission.PLAN_ACTION: (Q,),
    Permission.FINISH_ACTION: EVERYONE,
    Permission.VERIFY_ACTION: (Q,),
    Permission.CLOSE_DEVIATION: (Q,),
    Permission.LABEL: (T,),
    Permission.LABEL_COPIES: (T, P, N, C),
    Permission.KEEP_PRINTERS: (T, Q),
    Permission.RECONCILE_LABELS: (Q,),
    Permission.HAND_OVER: (T, N),
    Permission.CLOSE_EXCURSION: (Q,),
    Permission.ACCEPT_RETURN: (Q,),
    Permission.ORDER_INFUSION: (P,),
    Permission.INFUSE: (N, P),
    Permission.OBSERVE: (N, P),
    Permission.FOLLOW_UP: (C, P),
    Permission.JUDGE_CAUSE: (P,),
    Permission.SPONSOR_OPINION: (C,),
    Permission.EXPEDITE: (C, P),
    Permission.EXPORT_STUDY: (C,),
}


@dataclass(frozen=True)
class Actor:
    """Who acts, as known at the door: plain values, no table behind them.

    ``through`` names the way in (a browser session, a token, the command line) for the trail.
    """

    id: int
    username: str
    code: str
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    through: str = "command line"

    def may(self, permission: Permission) -> bool:
        """Whether one of this person's roles stands in the permission's row."""
        return any(role in CHART[permission] for role in self.roles)

    def must(self, permission: Permission) -> None:
        """Refuse unless this person may; name the roles that could."""
        if not self.may(permission):
            *first, last = CHART[permission]
            others = f"{', '.join(first)} or {last}" if first else last
            raise NotAllowed(f"{self.username} may not {permission}: ask {others}.")

    def role_for(self, permission: Permission) -> Role:
        """The role in which this person does it: the first in the chart's row."""
        self.must(permission)
        return next(role for role in CHART[permission] if role in self.roles)


SYSTEM = Actor(id=0, username="mscbank", code="mscbank", name="mscbank itself")


def another_person(by: Actor, *, than: int | None, who: str) -> None:
    """Refuse when ``by`` is the person ``than`` (an account's id) who already did the other half.

    ``who`` completes the sentence: "who recorded this result".
    """
    if than is not None and by.id == than:
        raise SamePerson(f"{by.username} {who}: another person must do this.")
