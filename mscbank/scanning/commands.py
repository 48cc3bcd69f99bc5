"""Commands on a quick card: house codes that lead to a page instead of a thing.

A command's code is made from its word, so that a card printed years ago still works. It opens a
page and does nothing: an act is always a press of one's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from labels import housecode
from mscbank.permissions import Actor, Permission


@dataclass(frozen=True)
class Command:
    """What is said on the card, where it leads, and whose card it is on (nobody named: all)."""

    word: str
    path: str
    permission: Permission | None = None

    @property
    def code(self) -> str:
        """The house code printed on the card."""
        body = "".join(housecode.ALPHABET[byte % 16] for byte in sha256(self.word.encode()).digest())
        return housecode.with_check(housecode.Kind.COMMAND, body[:16])


COMMANDS: tuple[Command, ...] = (
    Command("Open the worklist", "/"),
    Command("Next thing to do", "/next"),
    Command("Alerts", "/alerts/"),
    Command("Bedside check", "/bedside", Permission.INFUSE),
    Command("Take a sample", "/samples/take-sample", Permission.TEST),
    Command("Add a reagent", "/reagents/add-reagent", Permission.KEEP_REAGENTS),
    Command("Import results", "/imports/import-results", Permission.TEST),
    Command("Freezer map", "/freezer", Permission.FILL),
    Command("Lots that wait", "/lots/?standing=pending", Permission.RELEASE),
    Command("The trail", "/trail", Permission.READ_TRAIL),
    Command("Enrol a recipient", "/recipients/enrol", Permission.ENROL),
    Command("Follow-up", "/follow-up", Permission.FOLLOW_UP),
    Command("Open a deviation", "/deviations/open-deviation", Permission.OPEN_DEVIATION),
    Command("People", "/people/", Permission.KEEP_ACCOUNTS),
    Command("Help", "/help"),
)
BY_CODE = {command.code: command for command in COMMANDS}


def of(person: Actor) -> list[Command]:
    """The commands of this person's card."""
    return [one for one in COMMANDS if one.permission is None or person.may(one.permission)]


def command_of(text: str) -> Command | None:
    """The command a scanned text is, if it is one."""
    return BY_CODE.get(housecode.compact(text)) if housecode.is_valid(text) else None
