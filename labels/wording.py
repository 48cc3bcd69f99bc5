"""The fixed texts of labels, English and French, and how dates, volumes and times are written."""
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum


class Language(StrEnum):
    """The language a label's fixed texts are printed in."""

    EN = "en"
    FR = "fr"


class Caution(StrEnum):
    """A warning that a label carries only when it applies."""

    BIOHAZARD = "biohazard"
    NOT_EVALUATED = "not evaluated"
    ADVISE_RECIPIENT = "advise recipient"
    REACTIVE = "reactive"
    EXCEPTIONAL_RELEASE = "exceptional release"


CAUTIONS = {
    Language.EN: {
        Caution.BIOHAZARD: "BIOLOGICAL HAZARD",
        Caution.NOT_EVALUATED: "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
        Caution.ADVISE_RECIPIENT: "WARNING: Advise recipient of communicable disease risks",
        Caution.REACTIVE: "WARNING: Reactive test results for {agents}",
        Caution.EXCEPTIONAL_RELEASE: "Exceptional release at the physician's request",
    },
    Language.FR: {
        Caution.BIOHAZARD: "DANGER BIOLOGIQUE",
        Caution.NOT_EVALUATED: "NON ÉVALUÉ POUR LES AGENTS INFECTIEUX",
        Caution.ADVISE_RECIPIENT: "ATTENTION : informer le receveur du risque de transmission",
        Caution.REACTIVE: "ATTENTION : tests réactifs pour {agents}",
        Caution.EXCEPTIONAL_RELEASE: "Libération exceptionnelle à la demande du médecin",
    },
}

# Printed on every bag.
ALWAYS = {
    Language.EN: ("Contains cells of human origin",
                  "Do not irradiate",
                  "Do not use a leukoreduction filter",
                  "For clinical trial use only"),
    Language.FR: ("Contient des cellules d'origine humaine",
                  "Ne pas irradier",
                  "Ne pas utiliser de filtre à déleucocyter",
                  "Pour essai clinique uniquement"),
}

WORDS = {
    Language.EN: {
        "colon": ": ", "din": "Donation number", "recipient": "Intended recipient",
        "only_recipient": "For use by intended recipient only", "product": "Product",
        "division": "division", "bag": "Bag", "of": "of", "copy": "copy", "lot": "Lot",
        "volume": "Volume", "expiry": "Expiry", "contains": "Contains", "frozen": "Frozen",
        "storage": "Storage", "trial": "Trial", "vessel": "Vessel", "wristband": "Recipient",
        "badge": "Badge", "investigational": "For clinical trial use only",
        "short_din": "Donation", "short_recipient": "Recipient", "short_expiry": "Expiry",
        "short_volume": "Volume", "short_collected": "Collected",
    },
    Language.FR: {
        "colon": " : ", "din": "Numéro de don", "recipient": "Receveur désigné",
        "only_recipient": "Réservé au receveur désigné", "product": "Produit",
        "division": "division", "bag": "Poche", "of": "sur", "copy": "copie", "lot": "Lot",
        "volume": "Volume", "expiry": "Péremption", "contains": "Contient", "frozen": "Congelé",
        "storage": "Conservation", "trial": "Essai", "vessel": "Flacon", "wristband": "Receveur",
        "badge": "Badge", "investigational": "Pour essai clinique uniquement",
        "short_din": "Don", "short_recipient": "Receveur", "short_expiry": "Péremption",
        "short_volume": "Volume", "short_collected": "Prélevé",
    },
}


def caution(language: Language, which: Caution, agents: tuple[str, ...]) -> str:
    """The legend of one caution; `agents` are those whose tests reacted."""
    return CAUTIONS[language][which].format(agents=", ".join(agents))


def moment(at: datetime) -> str:
    """2026-11-22 16:40 CET: the local time of the zone it carries, seconds left off."""
    zone = at.tzname() or ""
    if not zone.isalpha():
        zone = "UTC" + at.isoformat(timespec="minutes")[-6:]
    return f"{at:%Y-%m-%d %H:%M} {zone}"


def moment_in_utc(at: datetime) -> str:
    """The same moment in UTC, with its day where that is another day; empty if it is UTC."""
    utc = at.astimezone(UTC)
    if utc.replace(tzinfo=None) == at.replace(tzinfo=None):
        return ""
    return f"{utc:%H:%M} UTC" if utc.date() == at.date() else f"{utc:%Y-%m-%d %H:%M} UTC"


def day(on: date) -> str:
    """2026-11-22."""
    return on.isoformat()


def millilitres(volume: Decimal) -> str:
    """50 mL, 7.5 mL: no zeros that say nothing."""
    plain = format(volume, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) + " mL"
