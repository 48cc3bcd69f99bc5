"""The fixed texts of labels, English and French, and how dates, volumes and times are written."""
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum


class Language(StrEnum):
    """The language a label's fixed texts are printed in."""

    EN = "en"
    FR = "fr"
    BOTH = "en+fr"


class Caution(StrEnum):
    """A warning that a label carries only when it applies."""

    BIOHAZARD = "biohazard"
    NOT_EVALUATED = "not evaluated"
    ADVISE_RECIPIENT = "advise recipient"
    REACTIVE = "reactive"
    EXCEPTIONAL_RELEASE = "exceptional release"
    AUTOLOGOUS = "autologous"


CAUTIONS = {
    Language.EN: {
        Caution.BIOHAZARD: "BIOLOGICAL HAZARD",
        Caution.NOT_EVALUATED: "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
        Caution.ADVISE_RECIPIENT: "WARNING: Advise recipient of communicable disease risks",
        Caution.REACTIVE: "WARNING: Reactive test results for {agents}",
        Caution.EXCEPTIONAL_RELEASE: "Exceptional release at the physician's request",
        Caution.AUTOLOGOUS: "FOR AUTOLOGOUS USE ONLY",
    },
    Language.FR: {
        Caution.BIOHAZARD: "DANGER BIOLOGIQUE",
        Caution.NOT_EVALUATED: "NON ÉVALUÉ POUR LES AGENTS INFECTIEUX",
        Caution.ADVISE_RECIPIENT: "ATTENTION : informer le receveur du risque de transmission",
        Caution.REACTIVE: "ATTENTION : résultats réactifs pour {agents}",
        Caution.EXCEPTIONAL_RELEASE: "Libération exceptionnelle à la demande du médecin",
        Caution.AUTOLOGOUS: "USAGE AUTOLOGUE UNIQUEMENT",
    },
}

# Printed on every bag of cells.
ALWAYS = {
    Language.EN: ("Contains cells of human origin",
                  "Do not irradiate",
                  "Do not use a leukoreduction filter",
                  "For clinical trial use only"),
    Language.FR: ("Contient des cellules d'origine humaine",
                  "Ne pas irradier",
                  "Ne pas utiliser de filtre de déleucocytation",
                  "Pour essai clinique uniquement"),
}

# What each printed word is, English and French.
_WORDS = {
    "colon": (": ", " : "), "of": (" of ", " sur "), "to": ("to", "à"),
    "din": ("Donation number", "Numéro de don"), "short_din": ("Donation", "Don"),
    "recipient": ("Intended recipient", "Receveur désigné"),
    "short_recipient": ("Recipient", "Receveur"),
    "only_recipient": ("For use by intended recipient only", "Réservé au receveur désigné"),
    "product": ("Product", "Produit"), "division": ("division", "division"),
    "bag": ("Bag", "Poche"), "copy": ("copy", "copie"), "lot": ("Lot", "Lot"),
    "volume": ("Volume", "Volume"), "expiry": ("Expiry", "Péremption"),
    "contains": ("Contains", "Contient"), "frozen": ("Frozen", "Congelé le"),
    "storage": ("Storage", "Conservation"), "trial": ("Trial", "Essai"),
    "route": ("Dispersion for intravenous infusion", "Dispersion pour perfusion intraveineuse"),
    "vessel": ("Vessel", "Flacon"), "badge": ("Staff", "Personnel"),
    "collected": ("Collected", "Prélevé le"), "anticoagulant": ("Anticoagulant", "Anticoagulant"),
    "tag": ("Attached to the bag", "Étiquette attachée à la poche"),
    "test_use": ("For tests of the system only",
                 "Usage de test uniquement"),
    "donor": ("Donor", "Donneur"), "drawn": ("Drawn", "Prélevé le"), "unit": ("Unit", "Unité"),
    "from": ("From", "Exp."), "for": ("To", "Dest."), "box": ("Box", "Colis"),
    "box_cells": ("HUMAN CELLS", "CELLULES HUMAINES"),
    "box_handling": ("Do not X-ray. Do not irradiate. Do not delay. Keep upright.",
                     "Ne pas exposer aux rayons X. Ne pas irradier. Transport urgent. "
                     "Maintenir en position verticale."),
    "box_open": ("To be opened by the laboratory or ward named here only",
                 "Ouverture réservée au laboratoire ou au service destinataire"),
    "bags": ("bags", "poches"), "dispatched": ("Dispatched", "Expédié le"),
    "temperature": ("Temperature", "Température"), "call": ("In trouble call", "En cas de problème"),
    "packing_list": ("Packing list", "Liste de colisage"),
    "packing_hint": ("Scan every bag when it is packed and again when it is taken out. A bag that "
                     "is missing, warm or not on this list: call the number above.",
                     "Scanner chaque poche lors du conditionnement, puis à l'ouverture du "
                     "colis. Poche manquante, réchauffée ou absente de la liste : appeler le "
                     "numéro ci-dessus."),
    "packed_by": ("Packed by (name, time)", "Conditionné par (nom, heure)"),
    "received_by": ("Received by (name, time)", "Réceptionné par (nom, heure)"),
    "bedside_form": ("Bedside form", "Contrôle ultime au lit du patient"),
    "bedside_hint": ("For use when the system cannot be reached. Two people read aloud and tick. "
                     "One box left empty: do not start, call the laboratory.",
                     "À utiliser en cas d'indisponibilité du système. Deux soignants lisent à "
                     "voix haute et cochent. Si une case reste vide : ne pas débuter la perfusion, "
                     "appeler le laboratoire."),
    "check_band": ("Wristband and bag name the same recipient",
                   "Concordance du bracelet et de la poche : même receveur"),
    "check_order": ("The order names this recipient and this lot",
                    "La prescription désigne ce receveur et ce lot"),
    "check_release": ("The laboratory said by telephone: released, no hold",
                      "Confirmation téléphonique du laboratoire : lot libéré, non bloqué"),
    "check_expiry": ("Expiry lies ahead; thawed bag still within its time",
                     "Péremption non dépassée ; délai après décongélation respecté"),
    "check_bag": ("Bag whole, sealed, dry; no clots, no strange colour",
                  "Poche intègre, scellée, sans fuite ; ni caillots ni aspect anormal"),
    "check_line": ("Line ready: no leukoreduction filter, nothing else runs in it",
                   "Voie veineuse dédiée et prête, sans filtre de déleucocytation"),
    "check_ready": ("Vital signs taken, emergency drugs within reach",
                    "Constantes relevées, médicaments d'urgence à portée de main"),
    "first": ("First person", "Premier soignant"), "second": ("Second person", "Second soignant"),
    "name": ("Name", "Nom"), "time": ("Time", "Heure"), "signature": ("Signature", "Signature"),
    "started": ("Started", "Début"), "ended": ("Ended", "Fin"), "given": ("Given mL", "Administré mL"),
    "remarks": ("Reaction or remarks", "Réaction ou observations"),
}


def _in_both(english: str, french: str) -> str:
    return english if english == french else f"{english} / {french}"


WORDS = {
    Language.EN: {name: english for name, (english, _) in _WORDS.items()},
    Language.FR: {name: french for name, (_, french) in _WORDS.items()},
    Language.BOTH: {name: _in_both(*texts) for name, texts in _WORDS.items()}
    | {"colon": ": ", "of": "/", "to": "–"},
}


def _in_turn(language: Language) -> tuple[Language, ...]:
    return (Language.EN, Language.FR) if language is Language.BOTH else (language,)


def caution(language: Language, which: Caution, agents: tuple[str, ...]) -> str:
    """The legend of one caution; `agents` are those whose tests reacted."""
    return " / ".join(CAUTIONS[each][which].format(agents=", ".join(agents))
                      for each in _in_turn(language))


def always(language: Language) -> tuple[str, ...]:
    """The statements that stand on every bag of cells, language after language."""
    return tuple(sentence for each in _in_turn(language) for sentence in ALWAYS[each])


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
