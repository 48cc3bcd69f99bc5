"""A scanner that types for another keyboard than the computer's: what it meant.

A wedge scanner sends keys, not signs. Set to a US keyboard on a computer with a French or German
one, or with caps lock on, other signs arrive. They can be turned back key by key, but nothing in
the signs proves which keyboard it was: a repair is proposed only where check characters (or a
signature) hold afterwards, and it is always said.
"""
from __future__ import annotations

from collections.abc import Callable

_US = ("1234567890-=" "qwertyuiop[]\\" "asdfghjkl;'" "zxcvbnm,./"
       "!@#$%^&*()_+" "QWERTYUIOP{}|" 'ASDFGHJKL:"' "ZXCVBNM<>?")
_FRENCH = ("&é\"'(-è_çà)=" "azertyuiop^$*" "qsdfghjklmù" "wxcvbn,;:!"
           "1234567890°+" "AZERTYUIOP¨£µ" "QSDFGHJKLM%" "WXCVBN?./§")
_GERMAN = ("1234567890ß´" "qwertzuiopü+#" "asdfghjklöä" "yxcvbnm,.-"
           "!\"§$%&/()=?`" "QWERTZUIOPÜ*'" "ASDFGHJKLÖÄ" "YXCVBNM;:_")
KEYBOARDS = {
    "a French keyboard (AZERTY)": str.maketrans(_FRENCH, _US),
    "a German keyboard (QWERTZ)": str.maketrans(_GERMAN, _US),
}


def retyped(text: str) -> list[tuple[str, str]]:
    """What the scanner may have meant: each text with what must have happened."""
    found = []
    for name, keys in {"": {}, **KEYBOARDS}.items():
        meant = text.translate(keys)
        typed = f"the scanner types for a US keyboard on {name}" if name else ""
        found += [(meant, typed),
                  (meant.swapcase(), " and ".join(filter(None, (typed, "caps lock was on"))))]
    return [(meant, happened) for meant, happened in found if happened and meant != text]


def repair(text: str, checked: Callable[[str], str | None]) -> tuple[str, str] | None:
    """The text that was meant, and what must have happened; None if the text is good as it
    stands, if nothing holds, or if two different ones do. `checked` gives a text in its one
    spelling if its check holds, else None."""
    if checked(text) is not None:
        return None
    found: dict[str, str] = {}
    for meant, happened in retyped(text):
        good = checked(meant)
        if good is not None:
            found.setdefault(good, happened)
    return next(iter(found.items())) if len(found) == 1 else None
