"""The trail of the lot's family, the people in it, and the end of the whole trail to check it by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from reportlab.platypus import Flowable, Spacer

from labels import housecode
from mscbank.audit.models import Entry
from mscbank.audit.reading import Mark, mark
from mscbank.permissions import SYSTEM
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.drawing import Drawing, drawn_qr
from mscbank.rules import count_told, day_told

MARKED = {Mark.CHANGED: "<b>CHANGED</b><br/>{}", Mark.REFUSED: "<b>REFUSED</b><br/>{}",
          Mark.REASONED: "{}", Mark.NONE: "{}"}
QUIET = frozenset({"bags", "alerts"})  # facts that other chapters tell in full
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CODE = re.compile(rf"\b[{housecode.ALPHABET}]{{{housecode.LENGTH}}}\b")


def trail(family: Family) -> list[Flowable]:
    """Every entry about the lot, what it came from and what was done with it."""
    marks = [mark(body["act"], body["reason"], body["facts"]) for body in family.bodies]
    changed, refused = marks.count(Mark.CHANGED), marks.count(Mark.REFUSED)
    return [
        paper.words(f"{count_told(len(family.entries), 'entry', 'entries')} about the lot, what it "
                    f"came from and what was done with it: {changed} changed data "
                    f"(marked CHANGED), {refused} refused (marked REFUSED)."),
        Spacer(1, 2 * paper.mm),
        paper.grid(("Entry", "When", "Who", "Act", "On", "What was recorded, and why"),
                   [_entry(family, entry, body)
                    for entry, body in zip(family.entries, family.bodies, strict=True)],
                   (11, 32, 16, 25, 26, 64), small=True),
    ]


def _entry(family: Family, entry: Entry, body: dict[str, Any]) -> tuple[object, ...]:
    shown = MARKED[mark(body["act"], body["reason"], body["facts"])].format(
        paper.plain(body["facts"].get("attempted", body["act"])))
    facts = _told(family, {name: value for name, value in body["facts"].items()
                           if name not in QUIET and name != "attempted"})
    said = [paper.marked("{}", facts)] if facts else []
    if body["reason"]:
        said.append(paper.marked("<i>Reason: {}</i>", body["reason"]))
    return (entry.sequence, paper.entered(entry.at), family.name(entry.by), paper.Marked(shown),
            family.name(entry.subject), paper.Marked("<br/>".join(said)))


def _told(family: Family, value: Any) -> str:
    """Facts of an entry as words: codes by the names people use, nothing left out."""
    if isinstance(value, dict):
        return "; ".join(f"{_told(family, name.replace('_', ' '))}: "
                         f"{day_told(date.fromisoformat(each)) if _is_day(name, each) else _told(family, each)}"
                         for name, each in sorted(value.items()) if each not in (None, [], {}))
    if isinstance(value, list):
        return ", ".join(_told(family, each) for each in value if each is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return paper.number(value)
    text = str(value)
    return paper.moments_here(_CODE.sub(lambda found: family.name(found[0]), text))


def _is_day(name: str, value: Any) -> bool:
    """By the name of the fact too: a lot's number may look like a day."""
    return name.endswith("_on") and isinstance(value, str) and bool(_DAY.fullmatch(value))


def people(family: Family) -> list[Flowable]:
    """Who stands behind each user name of this paper."""
    codes = {str(entry.by) for entry in family.entries}
    signers = {signature.username for signature in family.signatures.values()}
    shown = [account for account in family.accounts.values()
             if account.code in codes or account.username in signers]
    roles = {account.id: ", ".join(dict.fromkeys(held.role for held in account.roles))
             for account in shown}
    bank = ([(SYSTEM.username, "the bank itself, without a person", "—")]
            if SYSTEM.code in codes else [])
    return [paper.grid_or(
        "Nobody.", ("User name", "Printed name", "Roles held, now or before"),
        [*((each.username, each.name, roles[each.id])
           for each in sorted(shown, key=lambda each: each.username)), *bank], (30, 50, 80))]


def checkpoint(note: str) -> list[Flowable]:
    """Where the whole trail stood, signed by the bank: as text, and for a camera."""
    return [
        paper.words("This note says where the trail of the bank stood when this paper was made. "
                    "Keep it: “mscbank audit verify --checkpoint FILE” tells whether the trail "
                    "was changed or cut since. The picture holds the same text."),
        Spacer(1, 3 * paper.mm), *_lines(note.splitlines()), Spacer(1, 3 * paper.mm),
        Drawing(drawn_qr(note)),
    ]


def _lines(lines: Iterable[str]) -> list[Flowable]:
    return [paper.words(line, paper.CODE) for line in lines]
