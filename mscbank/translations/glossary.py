"""One thing, one word: what the terms of the field are called in French, and what never.

The terms are those of French blood and cell services and of the French text of GMP: a *deviation* is
a "déviation", so that "non conforme" is said of a lot alone; cells are "perfusées", never "infusées";
a lot is "libéré", never "publié". The head of ``messages.po`` shows the table; a house test holds
the catalogue against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A term: how its English is known, what its French must have, and what it must not have."""

    english: str
    french: str
    never: str = ""


GLOSSARY = (
    Term("bags?", "poche", "sachet|sac"),
    Term("deviations?", "déviation", "non-conformité|écart"),
    Term("nonconforming", "non conforme", "déviant"),
    Term("release(s|d)?", "lib[éè]r", "publi|relâch|sorti"),
    Term("waive[drs]?|waivers?", "dérog", "exempt|renonc"),
    Term("quarantine", "quarantaine"),
    Term("viability", "viabilité", "vitalité"),
    Term("recipients?", "receveur", "destinataire|bénéficiaire"),
    Term("donors?", "donneur", "donateur"),
    Term("harvests?", "prélèvement|recueil|récolte"),
    Term("wristbands?", "bracelet"),
    Term("infus(ion|ions|ed|ing)", "perfus", "infus(é|ion|er)"),
    Term("thaw(s|ed|ing)?", "décong", "dégel"),
    Term("samples?", "échantillon|prél|prise de sang", "spécimen"),
    Term("lots?", "lot", "charge|série"),
    Term("passaged?", "passage|repiq"),
    Term("reagents?", "réactif", "réagent"),
    Term("adverse events?", "événements? indésirable", "effets? indésirable"),
    Term("physicians?", "médecin", "docteur|physicien"),
    Term("nurses?", "infirmier", "soignant|nurse"),
    Term("quality assurance", "assurance qualité"),
    Term("sponsor", "promoteur", "sponsor"),
    Term("investigator", "investigateur"),
    Term("bedside", r"lit\b", "chevet"),
    Term("ward", "service"),
    Term("excursions?", "excursion"),
)
# English that only looks like a term: the trial's title, a command line, a syndrome, a quotation.
OTHERWISE = re.compile(r"open label|cytokine release|“viability”|^used up\?", re.I)


def against(english: str, french: str) -> list[str]:
    """The terms of an English text that its French names otherwise."""
    if OTHERWISE.search(english):
        return []
    bare, told = (re.sub(r"\{\w+\}|\{\w+\||%\(\w+\)s", " ", text) for text in (english, french))
    return [term.english for term in GLOSSARY
            if re.search(rf"\b({term.english})\b", bare, re.I)
            and (not re.search(term.french, told, re.I)
                 or term.never and re.search(rf"\b({term.never})", told, re.I))]


def table() -> str:
    """The glossary as it stands at the head of the catalogue."""
    lines = [f"#   {term.english:<26} {term.french}" + (f"   (never {term.never})" if term.never else "")
             for term in GLOSSARY]
    return "\n".join(["# One thing, one word (mscbank/translations/glossary.py):", *lines])
