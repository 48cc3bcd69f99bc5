"""The check by two: each person scans band and bag for themselves, the bank compares.

The second check is blind. Each person's scans are a half of their own, kept under their own
credentials; neither is shown the other's before the answer. Two halves that agree, of two people
and none older than five minutes, are judged together and make one check; two that differ make a
stop. A half comes from a person's own device (``own_check``: the other's half is found by bag or
band), or both come with one act from a device that was handed over (``check``: the second person
proves who they are and scans again).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from labels import housecode
from mscbank.audit.service import record
from mscbank.bags.models import Bag
from mscbank.database import HEAD, current, read, session
from mscbank.errors import Unfit
from mscbank.infusions import halves, scans
from mscbank.infusions.facts import Judged, by_two, judge
from mscbank.infusions.findings import Asked, Finding, Reason, Word
from mscbank.infusions.models import Check, HalfCheck, Infusion
from mscbank.infusions.orders import protocol_of
from mscbank.permissions import Actor, Permission
from mscbank.recipients.models import Recipient
from mscbank.settings import settings
from specs.protocol import BedsideRules


@dataclass(frozen=True)
class Outcome:
    """What a check tells: the word, every reason, and on a go the token that starts this bag
    once, within so many seconds. ``check`` is None while ``half`` waits for the other person's."""

    check: Check | None
    findings: tuple[Finding, ...] = ()
    token: str | None = None
    seconds: int | None = None
    half: HalfCheck | None = None

    @property
    def code(self) -> str | None:
        """The check's own code."""
        return self.check.code if self.check else None


def check(
    bag: Bag, wristband: str, label: str | None = None, wristband_again: str | None = None,
    label_again: str | None = None, *, second: Actor | None, by: Actor, at: datetime,
) -> Outcome:
    """Check bag and person by two people. Kept whatever it says: a stop is an answer, no error.

    ``wristband`` is the text of the band; ``label`` that of the label on the bag, empty when the
    bag's code was typed; ``second_`` what the second person scanned, who did not see the first's.
    """
    by.must(Permission.INFUSE)
    if second is not None:
        second.must(Permission.INFUSE)
    other = second if second is not None and second.id != by.id else None
    text = _label_of(bag, label)
    agreed = None
    if other and wristband_again is not None:
        agreed = _agree((wristband, wristband_again), (text, label_again or bag.code))
    judged = judge(text, wristband, at, asked=Asked.CHECK, by_id=by.id,
                   second_id=second.id if second else None, agreed=agreed)
    at = max(at, current().at)
    first = theirs = None
    minutes = _limits(bag, judged).check_valid_minutes
    if judged.wristband_id is not None and judged.facts is not None:
        copy = judged.facts.scanned_copy
        first = halves.mine(bag, judged.wristband_id, copy, by, at) or halves.keep(
            bag, judged.wristband_id, copy, by, at, minutes)
        if agreed and other:
            theirs = halves.keep(bag, judged.wristband_id, copy, other, at, minutes)
    if other and agreed is False:
        again = scans.read(other.name, wristband_again or "", label_again or bag.code)
        judged = _telling(judged, scans.read(by.name, wristband, text), again)
        if again.bag and again.band:
            theirs = halves.keep(again.bag, again.band.id, again.copy, other, at, minutes)
    return _answer(bag, judged, first, theirs, other, second, by=by, at=at)


def _telling(judged: Judged, *both: scans.Scan) -> Judged:
    """With what each of them scanned where it was not the same."""
    return replace(judged, findings=(*judged.findings, *(
        Finding(Reason.DIFFERENT_SCANS, told) for told in scans.differences(*both))))


def own_check(bag: Bag, wristband: str, label: str | None = None, *, by: Actor, at: datetime,
              ) -> Outcome:
    """One person's scans, from a device on which they are signed in. What already says stop is
    answered at once; a go needs the half of another person, found by the same bag and band. Who
    scanned something else of this bag or at this band hears the same stop, and waits no longer."""
    by.must(Permission.INFUSE)
    text = _label_of(bag, label)
    judged = judge(text, wristband, at, by_id=by.id)
    at = max(at, current().at)
    band_id = judged.wristband_id
    if judged.facts is None or band_id is None or judged.word is Word.ALREADY_DONE:
        return _answer(bag, judged, None, None, None, None, by=by, at=at)
    copy = judged.facts.scanned_copy
    theirs = halves.anothers(bag, band_id, copy, by, at)
    if theirs is None and judged.word is not Word.GO:
        return _answer(bag, judged, None, None, None, None, by=by, at=at)
    half = halves.keep(bag, band_id, copy, by, at, _limits(bag, judged).check_valid_minutes)
    if theirs is None:
        record("own check", bag, by=by, at=at, recipient=judged.facts.band_is_of,
               label=copy, until=half.until_at)
        return Outcome(None, half=half)
    first, other, agreed = theirs
    judged = by_two(judged, other.id, agreed=agreed)
    if not agreed:
        judged = _telling(judged, scans.of(other.name, first), scans.of(by.name, half))
    return _answer(bag, judged, half, first, other, other, by=by, at=at)


def _answer(bag: Bag, judged: Judged, first: HalfCheck | None, theirs: HalfCheck | None,
            other: Actor | None, second: Actor | None, *, by: Actor, at: datetime) -> Outcome:
    """Keep the check and tell it. ``second`` is who came second; ``other`` only if another."""
    code, token, seconds = housecode.new(housecode.Kind.BEDSIDE_CHECK), None, None
    if judged.word is Word.GO:
        token = token_of(code)
        seconds = _limits(bag, judged).go_token_seconds
    kept = Check(
        code=code, bag_id=bag.id, wristband_id=judged.wristband_id, at=at, verdict=judged.word,
        second_id=other.id if other else None,
        reasons=list(dict.fromkeys(finding.reason for finding in judged.findings)),
        told=[finding.sentence for finding in judged.findings],
        first_half_id=first.id if first else None, second_half_id=theirs.id if theirs else None,
        token_digest=digest(token) if token else None,
        token_until=at + timedelta(seconds=seconds) if seconds else None,
        recorded_by_id=by.id, recorded_at=at)
    session.add(kept)
    session.flush()
    told = {"check": kept.code, "verdict": kept.verdict, "reasons": kept.reasons,
            "second": second.code if second else None,
            "second_scanned_at": theirs.at if theirs else None,
            "recipient": judged.facts.band_is_of if judged.facts else None}
    record("check", bag, by=by, at=at, **told,
           label=judged.facts.scanned_copy if judged.facts else None)
    if theirs and theirs.bag is not bag:  # the bag that the other held has it in its history too
        record("check", theirs.bag, by=by, at=at, **told, label=theirs.copy)
    return Outcome(kept, judged.findings, token, seconds, first)


# --- a go that is shown ---------------------------------------------------------------------------

# One look-up by the code of a check, and from there by its bag: each page that shows a go asks it
# every second. Nothing was touched while the check's own entry is the last of the trail.
STANDS = (
    sa.select((Check.token_used_at.is_(None) & Infusion.id.is_(None)).label("unused"),
              (HEAD.c.sequence == Check.entry).label("untouched"),
              Check.token_until, Bag.expires_at, Bag.thaw_expires_at)
    .join_from(Check, Bag, Bag.id == Check.bag_id)
    .join(HEAD, HEAD.c.id == 1)
    .join(Infusion, Infusion.bag_id == Check.bag_id, isouter=True)
    .where(Check.code == sa.bindparam("code"), Check.token_digest.is_not(None)))


def stands(code: str, at: datetime) -> bool:
    """Whether this go could start its bag at this moment: in its time, the bag started by nobody,
    and nothing against it since. Judged again only where the trail has grown or the bag expires."""
    for go in read(STANDS, {"code": code}):
        if not go.unused or at > go.token_until:
            return False
        if go.untouched and at < min(go.expires_at, go.thaw_expires_at or go.expires_at):
            return True
        found = session.scalar(sa.select(Check).where(Check.code == code))
        return found is not None and again(found, at).word is Word.GO
    return False


def again(go: Check, at: datetime) -> Judged:
    """What is to be said of this go now: its start is judged so, and so is the page that shows it."""
    assert go.wristband is not None
    return judge(go.bag.code, go.wristband.code, at, asked=Asked.START, by_id=go.recorded_by_id,
                 second_id=go.second_id, agreed=go.second_half_id is not None,
                 go_until=go.token_until)


# --- texts and tokens ---------------------------------------------------------------------------

def _agree(bands: tuple[str, str], labels: tuple[str, str]) -> bool:
    """Whether both people scanned the same band and the same bag, and the same label of it."""
    if bands[0] == bands[1] and labels[0] == labels[1]:
        return True  # whatever it is: the verdict reads it
    try:
        one, other = (housecode.parse(text) for text in bands)
        ours, theirs = (housecode.parse(text) for text in labels)
    except housecode.CodeError:
        return False
    same_label = None in (ours.copy, theirs.copy) or ours.copy == theirs.copy
    return one.code == other.code and ours.code == theirs.code and same_label


def token_of(check_code: str) -> str:
    """The token of a go. Drawn from the bank's key, so both people's screens can be told it and
    nothing that would start a bag stands in the database."""
    mark = hmac.new(settings().signing_key, b"mscbank go\0" + check_code.encode(), "sha256")
    return base64.urlsafe_b64encode(mark.digest()).decode().rstrip("=")


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _label_of(bag: Bag, label: str | None) -> str:
    """The text by which the bag was scanned. A label of another bag is refused."""
    if label is None:
        return bag.code
    if housecode.is_valid(label) and housecode.parse(label).code != bag.code:
        raise Unfit("The label scanned is another bag's: scan the label on this bag.",
                    field="label", reasons=("another bag",))
    return label


def _limits(bag: Bag, judged: Judged) -> BedsideRules:
    """How long scans and a go are good for; of the bag in hand where its label could not be read."""
    protocol = judged.protocol or protocol_of(session.get_one(Recipient, bag.lot.recipient_id))
    return protocol.bedside
