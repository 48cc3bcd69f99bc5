"""``python -m tests.labels.fuzz [--count N] [--seed S]``: the readers of texts against nonsense.

Texts are made from good ones by what scanners, keyboards and people do (signs lost, doubled,
swapped, of another keyboard) and from nothing. A reader answers, or refuses with its own kind of
error and a sentence; any other error, and any answer that is not its own text again, is printed
and ends the run with status 1.
"""
from __future__ import annotations

import argparse
import random
import string
import sys
import time
from collections import Counter
from collections.abc import Callable

from labels import housecode, keyboards, signed
from labels.isbt128 import check, coi, din, expiry, message, product
from labels.isbt128.errors import FormatError

from . import examples

KEYS = {examples.KEY: examples.PUBLIC}
GOOD = [
    examples.BAG, examples.bag().code, "A999917123456", "A9999171234569", "D0001XAa",
    "0183652359", "CHA99992600AB12", "=A99991712345600", "=<D0001X00", "&>0183652359",
    "&/CHA99992600AB12", "=+02000=A99991712345600=<D0001X00", examples.bag().signed,
    message.make(din="A999917123456", product="D0001XAa", expiry="0183652359",
                 coi="CHA99992600AB12")]
SIGNS = string.printable + "éèçàùäöüß§°²&=<>+\u0660\u212a\ufb00\x00\u202e\U0001f4a9"
Reader = tuple[str, Callable[[str], object], type[Exception]]
READERS: list[Reader] = [
    ("house code", housecode.validate, housecode.CodeError),
    ("donation number", din.validate, FormatError),
    ("donation symbol", lambda text: din.to_symbol(din.from_symbol(text), text[14:]),
      FormatError),
    ("product", product.validate, FormatError),
    ("product symbol", lambda text: product.to_symbol(product.from_symbol(text)),
      FormatError),
    ("expiry", expiry.validate, FormatError),
    ("expiry symbol", lambda text: expiry.to_symbol(expiry.from_symbol(text)),
      FormatError),
    ("chain of identity", coi.validate, FormatError),
    ("chain of identity symbol", lambda text: coi.to_symbol(coi.from_symbol(text)),
      FormatError),
    ("compound message", message.validate, FormatError),
    ("check character", check.validate, FormatError),
    ("signed text", lambda text: signed.verify(text, KEYS) and text, signed.SignedTextError),
    ("repair of a house code", lambda text: (housecode.repair(text) or (None,))[0], ()),
    ("repair of a number", lambda text: (din.repair(text) or (None,))[0], ()),
]
_BACK = [{after: before for before, after in keys.items()}
         for keys in keyboards.KEYBOARDS.values()]


def garbled(dice: random.Random, good: list[str] = GOOD) -> str:
    """One text that may arrive, made of a good one."""
    text = dice.choice(good)
    if dice.random() < 0.1:
        return "".join(dice.choices(SIGNS, k=dice.randrange(60)))
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(text) + 1)
        text = dice.choice((
            lambda t, i: t[:i] + dice.choice(SIGNS) + t[i + 1:], lambda t, i: t[:i] + t[i + 1:],
            lambda t, i: t[:i] + t[i:i + 1] * 2 + t[i + 1:], lambda t, i: t[:i],
            lambda t, i: t[:i] + t[i + 1:i + 2] + t[i:i + 1] + t[i + 2:],
            lambda t, i: t.translate(dice.choice(_BACK)), lambda t, i: t.swapcase(),
            lambda t, i: "]Q1" + t + "\r\n", lambda t, i: t + dice.choice(GOOD),
            lambda t, i: " ".join((t[:i], t[i:]))))(text, at)
    return text


def judged(text: str, reader: Reader) -> str:
    """accepted, refused, or what is wrong with the reader's answer."""
    name, read, refusal = reader
    try:
        found = read(text)
    except refusal as error:
        return "refused" if str(error).strip() else f"{name}: a refusal without a sentence"
    except Exception as error:
        return f"{name}: {type(error).__name__} {error}"
    if found is None:
        return "refused"
    kept = name.startswith("repair") or compacted(str(found)) == compacted(text)[:len(str(found))]
    again = name.startswith("repair") or read(str(found)) == found
    return "accepted" if kept and again else f"{name}: {found!r} is not what was written"


def compacted(text: str) -> str:
    return housecode.compact(text).upper() if text.isascii() else text


def run(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How often each reader accepted and refused, and what went wrong with which text."""
    dice, seen, wrong = random.Random(seed), Counter(), []
    likely = [[text for text in GOOD if judged(text, reader) == "accepted"] or GOOD
              for reader in READERS]
    for number in range(count):
        which = number % len(READERS)
        reader = READERS[which]
        text = garbled(dice, likely[which] if dice.random() < 0.5 else GOOD)
        verdict = judged(text, reader)
        if verdict not in ("accepted", "refused"):
            wrong.append(f"{verdict} <- {text!r}")
            verdict = "WRONG"
        seen[f"{reader[0]}: {verdict}"] += 1
    return seen, wrong


def main() -> int:
    """Run, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.labels.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.perf_counter()
    seen, wrong = run(asked.count, asked.seed)
    for name, times in sorted(seen.items()):
        print(f"{times:10,}  {name}")
    print(f"{asked.count:,} texts in {time.perf_counter() - began:.0f} s, {len(wrong)} wrong")
    for each in wrong[:20]:
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
