"""The tone of each word that says how something stands: good, bad, to wait for, or none."""

from __future__ import annotations

from typing import Any

TONES = {
    "good": "go certified released conditional exceptional eligible received infused recovered "
            "yes confirmed passed pass stored finished closed arrived tested enrolled effective "
            "applied sent alive completed running published met",
    "bad": "stop rejected nonconforming blocked reactive critical destroyed failed fail "
             "fatal held expired damaged dead died paused void",
    "wait": "pending quarantine issued infusing returned indeterminate major overdue today waiting "
            "ongoing open unknown sending due missed low high serious investigated awaited",
}
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()} | {
    "cannot tell": "wait", "not met": "bad", "screened out": "bad",
    "accepted by exception": "wait", "not eligible": "bad", "already done": "quiet",
    "changed data": "wait", "non-reactive": "good", "out of specification": "bad",
    "out of date": "bad", "to be confirmed": "wait", "in force": "bad", "not effective": "bad",
    "results awaited": "wait", "not sent yet": "wait", "on the way": "wait",
    "in follow-up": "good", "being infused": "wait", "in screening": "wait",
    "both opinions awaited": "wait", "investigator's opinion awaited": "wait",
    "sponsor's opinion awaited": "wait", "both opinions given": "good", "not decided on": "wait",
    "withdrew consent": "bad"}


def tone(word: Any) -> str:
    """The tone of a word that says how something stands."""
    return TONE_OF.get(str(word), "quiet")
