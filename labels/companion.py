"""Labels that cannot say all: an attached label goes with them, and says it in every language.

Nothing is set smaller than 7 points and nothing is left out, so what does not fit goes on a second
label by rule, not by chance: a small bag's label always has its companion; one of 100 x 50 mm has
it when it carries warnings in two languages, and then says everything in one itself.
"""
from __future__ import annotations

from .content import BagLabel, HarvestLabel, Label
from .stock import Stock
from .wording import Language


def goes_with(label: Label, stock: Stock, language: Language) -> bool:
    """Whether an attached label goes with this one."""
    small = isinstance(label, BagLabel) and stock.shape == "small"
    return small or _says_it_once(label, stock, language)


def spoken(label: Label, stock: Stock, language: Language, first: Language) -> Language:
    """The language that stands on this label; ``first`` where only one has room."""
    return first if _says_it_once(label, stock, language) else language


def _says_it_once(label: Label, stock: Stock, language: Language) -> bool:
    return (language is Language.BOTH and stock.shape == "wide"
            and isinstance(label, (BagLabel, HarvestLabel)) and bool(label.cautions))
