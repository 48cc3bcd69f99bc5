"""An English sentence -> the same in the reader's language.

Rules write plain English, filled in: "Bag 2 of lot L26-014". Here the sentence is led back to its
template ("Bag {number} of lot {number2}"), and what stood in the holes is translated in turn: words
of closed lists, sentences within sentences, dates, decimal marks. Of several templates that fit,
the one with most letters of its own wins. What has no French is shown in English: never an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

from specs.words import MONTHS as ENGLISH_MONTHS

HOLE = re.compile(r"\{(\w+)\}")
# A word that agrees with the number in a hole: ``{days} {days|jour restant|jours restants}``.
AGREES = re.compile(r"\{(\w+)\|([^|{}]*)\|([^|{}]*)\}")
ONE = re.compile(r"-?[01](?:[.,]\d+)?(?!\S| ×)")
WORD = re.compile(r"[^\W\d_]+")
DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?: (\d\d:\d\d(?: [A-Z]{3,4})?))?(?![\dT-])")
NUMBER = re.compile(r"-?\d+\.\d+(?= |×|[,;)]|$)")
POWER = re.compile(r" x 10\^(\d+)")
JOINS = re.compile(r"(, | or | and |; |: |(?<=[.!?]) (?=[A-Z]))")
CHOICES = re.compile(r"( or | and )")  # of things that may have a comma: "Culture, 7 days"
QUOTED = re.compile(r"“(.*)”", re.DOTALL)
REFERENCED = re.compile(r"(.+) \(([\w.-]+)\)")
STOPS = re.compile(r"((?<=[.!?]) (?=[A-Z]))")
SENTENCES = re.compile(r"(; |(?<=[.!?]) (?=[A-Z]))")
COUNT = r"(\d[\d.,]*(?: x 10\^\d+)?)"  # what stands in a hole named n: nothing but a number
AMOUNT = re.compile(r"[<>×]? ?-?\d[\d.]*(?: \S+)*")
SHOWN_DAY = re.compile(rf"\b(\d\d) ({'|'.join(ENGLISH_MONTHS)}) (?=\d{{4}}\b)")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Powers of ten in words, for a paper whose font has no raised digits.
FRENCH_POWERS = tuple((re.compile(pattern), words) for pattern, words in (
    (r"\b([01](?:,\d+)?)×10⁶ (?=cell)", r"\1 million de "), ("×10⁶ (?=cell)", " millions de "),
    (r"\b([01](?:,\d+)?)×10⁶", r"\1 million"), ("×10⁶", " millions"),
    (r"\b([01](?:,\d+)?)×10³", r"\1 millier"), ("×10³", " milliers")))
MONTHS = {
    "en": ENGLISH_MONTHS,
    "fr": "JANV. FÉVR. MARS AVR. MAI JUIN JUIL. AOÛT SEPT. OCT. NOV. DÉC.".split(),
}
LETTERS_NEEDED = 2
TYPED = ("typed", "destination", "box")  # holes of these names hold somebody's own words
DEEPEST = 4
OWN_LETTERS, OWN_WORDS, WORDS_IN_A_NAME = 14, 3, 3
PLAIN = re.compile(r"\b[a-z]{2,}\b")


class Phrases:
    """The sentences of one language: ``say`` finds each its translation."""

    def __init__(self, catalogue: Mapping[str, str], language: str):
        self.exact = {english: told for english, told in catalogue.items() if told}
        self.exact |= {english.rstrip(): told.rstrip() for english, told in self.exact.items()
                       if english.endswith(". ")}
        self.months = MONTHS.get(language, MONTHS["en"])
        patterns = [Pattern(english, told) for english, told in self.exact.items()
                    if HOLE.search(english)]
        patterns = sorted((each for each in patterns if each.letters >= LETTERS_NEEDED),
                          key=lambda each: (-each.letters, -sum(map(len, each.texts))))
        common = Counter(word for each in patterns for word in each.words)
        self._by_word: dict[str, list[tuple[int, Pattern]]] = {}
        for rank, pattern in enumerate(patterns):  # each under the rarest word it must have
            word = min(sorted(pattern.words), key=lambda each: common[each], default="")
            self._by_word.setdefault(word, []).append((rank, pattern))
        self.say: Callable[[str], str] = lru_cache(maxsize=8192)(self._say)

    def _say(self, sentence: str) -> str:
        if (found := self.exact.get(sentence)) is not None:
            return found
        if (found := self._each(sentence)) is not None:  # before a hole takes the next sentence in
            return found
        if (found := self._find(sentence, 0)) is not None:
            return found
        if (told := self.exact.get(sentence[:1].lower() + sentence[1:])) is not None:
            return told[:1].upper() + told[1:]  # as it begins a line
        if (told := self.exact.get(sentence[:1].upper() + sentence[1:])) is not None:
            return told[:1].lower() + told[1:]  # as it goes on in one
        parts = STOPS.split(sentence)
        told = [part if at % 2 else self._find(part, 1) or self._all_of(part)
                for at, part in enumerate(parts)]
        if told[0] is None:  # it begins in words of somebody's own
            return sentence
        return "".join(each or part for each, part in zip(told, parts, strict=True))

    def _each(self, text: str) -> str | None:
        """Whole sentences one after the other, where the catalogue has each of them and nobody's
        own words are among them."""
        parts = STOPS.split(text)
        if len(parts) == 1 or any(
                name.startswith(TYPED) for pattern in self._candidates(text)
                for name in pattern.fits(text) or ()):
            return None
        told = [part if at % 2 else self._find(part, 1) for at, part in enumerate(parts)]
        return "".join(filter(None, told)) if None not in told else None

    def _all_of(self, text: str) -> str | None:
        """Sentences one after the other, where the catalogue has each of them."""
        parts = SENTENCES.split(text)
        told = [self._joined(part) if at % 2 else self._find(part, 1)
                for at, part in enumerate(parts)]
        return "".join(filter(None, told)) if len(told) > 1 and None not in told else None

    def pieces(self, text: str) -> str:
        """What the bank itself put together: a list of words, names, times and amounts."""
        return self._all_of(text) or self._inner(text, 0)

    def _find(self, sentence: str, depth: int) -> str | None:
        """The translation of what the catalogue knows, None of what it does not."""
        if not sentence or len(sentence) > 2000:
            return None
        if (told := self.exact.get(sentence)) is not None:
            return told
        if (told := self._apart(sentence, depth)) is not None:
            return told
        for pattern in self._candidates(sentence):
            if (found := pattern.fits(sentence)) and self._may_be(pattern, [
                    part for name, part in found.items() if not name.startswith(TYPED)], depth):
                return pattern.fill({name: part if name.startswith(TYPED)
                                     else self._inner(part, depth + 1)
                                     for name, part in found.items()})
        return self._headed(sentence, depth) or self._named_amount(sentence)

    def _apart(self, text: str, depth: int) -> str | None:
        """What somebody typed stands in quotation marks and stays; ``a name the catalogue has
        (reference)``; this or that, each of which it has."""
        if quoted := QUOTED.fullmatch(text):
            return f"«\u00a0{quoted[1]}\u00a0»" if self.months is MONTHS["fr"] else text
        if (named := REFERENCED.fullmatch(text)) and named[1] in self.exact:
            return f"{self.exact[named[1]]} ({named[2]})"
        choices = CHOICES.split(text)
        if len(choices) > 1 and all(each in self.exact for each in choices[::2]):
            return "".join(self.exact.get(each, each) for each in choices)
        return None

    def _headed(self, text: str, depth: int) -> str | None:
        """``a name: what is known of it``."""
        name, colon, rest = text.partition(": ")
        if colon and name in self.exact and depth < DEEPEST and self._known(rest, depth + 1):
            return f"{self.exact[name]}{self._joined(colon)}{self._inner(rest, depth + 1)}"
        return None

    def _may_be(self, pattern: Pattern, parts: Sequence[str], depth: int) -> bool:
        """Whether a template of few letters is meant: "Bag {number}" is no reading of "Bag looked
        odd, so I called", but "{name} may not {act}" may hold any act that is known."""
        if pattern.letters >= OWN_LETTERS or len(pattern.words) >= OWN_WORDS:
            return True
        between = pattern.letters <= LETTERS_NEEDED and len(pattern.names) > 1  # "{low} to {high}"
        return depth < DEEPEST and all(
            len(words := PLAIN.findall(part)) < WORDS_IN_A_NAME and (
                not between or not words or AMOUNT.fullmatch(part) is not None)
            or self._known(part, depth + 1) for part in parts)

    def _known(self, text: str, depth: int) -> bool:
        """Whether the catalogue has it, or each word of it where it is a list."""
        return self._find(text, depth) is not None or any(
            all(self._find(part, depth) is not None for part in split.split(text)[::2])
            for split in (CHOICES, JOINS))

    def _named_amount(self, text: str) -> str | None:
        """``Viability 91.5 %`` and ``Sterility no growth``: a name the catalogue has, and what was
        found."""
        words = text.split(" ")
        for cut in range(min(len(words) - 1, 6), 0, -1):
            name, rest = " ".join(words[:cut]), " ".join(words[cut:])
            if (told := self.exact.get(name)) and (
                    AMOUNT.fullmatch(rest) or rest in self.exact):
                return f"{told} {self.exact.get(rest) or self.numbers(rest)}"
        return None

    def _candidates(self, sentence: str) -> list[Pattern]:
        """The templates whose word the sentence has, those with most letters first."""
        words = {"", *WORD.findall(sentence)}
        fitting = [each for word in words for each in self._by_word.get(word, ())]
        return [pattern for _, pattern in sorted(fitting, key=lambda each: each[0])]

    def _inner(self, text: str, depth: int) -> str:
        """What stands in a hole: a sentence, a word, a list of them, a date, a number, a name."""
        if depth > DEEPEST:
            return text
        if "; " in text and (told := self._all_of(text)) is not None:
            return told
        if (told := self._find(text, depth)) is not None:
            return told
        if (told := self.exact.get(text[:1].upper() + text[1:].replace("-", " "))) is not None:
            return told[:1].lower() + told[1:]  # a kind of thing, as its list is called
        parts = SENTENCES.split(text)
        if len(parts) == 1:
            parts = CHOICES.split(text)
            if any(self._find(part, depth + 1) is None for part in parts[::2]):
                parts = JOINS.split(text)
        if len(parts) > 1:
            return "".join(self._joined(part) if at % 2 else self._inner(part, depth + 1)
                           for at, part in enumerate(parts))
        return self.numbers(text)

    def _joined(self, join: str) -> str:
        marks = {": ": "\u00a0: ", "; ": "\u202f; "} if self.months is MONTHS["fr"] else {}
        return marks.get(join) or self.exact.get(join, join)

    def numbers(self, text: str) -> str:
        """Dates with the month in letters, decimals as they are written."""
        def day(found: re.Match[str]) -> str:
            year, month, day_, time = found.groups()
            if not 1 <= int(month) <= 12:
                return found[0]
            return f"{day_} {self.months[int(month) - 1]} {year}" + (f" {time}" if time else "")
        text = SHOWN_DAY.sub(
            lambda found: f"{found[1]} {self.months[ENGLISH_MONTHS.index(found[2])]} ", text)
        text = POWER.sub(lambda found: " × 10" + found[1].translate(RAISED), text)
        text = DAY.sub(day, text)
        return NUMBER.sub(lambda found: found[0].replace(".", ","), text)


class Pattern:
    """One template with holes, and what it becomes."""

    def __init__(self, english: str, told: str):
        self.english, self.told = english, told
        pieces = HOLE.split(english)
        self.texts, self.names = pieces[::2], pieces[1::2]
        self.letters = sum(len(re.findall(r"[^\W\d_]", text)) for text in self.texts)
        # A word that touches a hole may be part of a longer one.
        self.words = {word for text in HOLE.sub("\0", english).split("\0")
                      for word in WORD.findall(text)} - {
            word for word in re.findall(r"[^\W\d_]*\0[^\W\d_]*", HOLE.sub("\0", english))
            for word in word.split("\0")}
        self.longest = max(self.texts, key=len)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        kinds = [COUNT if name == "n" else "(.+?)" for name in self.names]
        return re.compile("".join(part for pair in zip(map(re.escape, self.texts), [*kinds, ""],
                                                       strict=True) for part in pair), re.DOTALL)

    def fits(self, sentence: str) -> dict[str, str] | None:
        """What stands in each hole, where the sentence is of this template."""
        if self.longest not in sentence:
            return None
        found = self._regex.fullmatch(sentence)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None

    def fill(self, parts: Mapping[str, str]) -> str:
        """The translation with its holes filled, its words agreeing with their numbers."""
        told = AGREES.sub(lambda word: word[2 if ONE.match(parts.get(word[1], "")) else 3], self.told)
        return HOLE.sub(lambda hole: parts.get(hole[1], hole[0]), told)


def holes(text: str) -> set[str]:
    """The holes of a text, of either kind: ``{name}`` and ``%(name)s``."""
    return set(HOLE.findall(text)) | set(re.findall(r"%\((\w+)\)[sd]", text))
