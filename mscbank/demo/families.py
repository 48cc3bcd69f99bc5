"""The twenty families of the reference trial, invented to fit what was published, and four more.

Published: 20 recipients, 13 women and 7 men, enrolled from 24 March 2014 to 6 January 2020; ten
at 1 x 10^6 cells per kg, then ten at 3 x 10^6; flushing (1) in one, nausea (1) and asthenia (2)
in another within ten days; 36 severe events unrelated to treatment in 14 people afterwards;
follow-up of 24.1 months (20.8 to 24.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from mscbank.donors.models import Kinship
from mscbank.followup.models import Seriousness
from mscbank.recipients.models import Sex


class Turn(StrEnum):
    """What makes a family's story its own."""

    PLAIN = "all as planned"
    FAILED_VIABILITY = "the first lot fails viability and is made again"
    FAILED_STERILITY = "the first lot is not sterile and is made again"
    CONDITIONAL = "released conditionally, infused, then certified"
    LATE_POSITIVE = "released conditionally, infused, then a positive sterility"
    WRONG_RECIPIENT = "the bag is scanned at the wrong bedside and refused"
    BROKEN_BAG = "a bag breaks in storage"
    DAMAGED_LABEL = "a label is damaged and printed again"
    REACTIVE_DONOR = "a reactive donor is accepted by exception"
    EXCURSION = "the box is too warm on the way"
    EXCEPTIONAL = "released exceptionally at the physician's request"


@dataclass(frozen=True)
class Severe:
    """A severe event after day ten: month of onset, term, grade, seriousness."""

    month: int
    term: str
    grade: int
    seriousness: tuple[Seriousness, ...]


@dataclass(frozen=True)
class Family:
    """One recipient and the relative who gave. ``months`` of follow-up after the infusion."""

    enrolled: date
    name: str
    born: date
    sex: Sex
    kg: Decimal
    mrss: int
    donor: str
    donor_born: date
    kinship: Kinship
    months: Decimal
    turn: Turn = Turn.PLAIN
    severe: tuple[Severe, ...] = ()


_TERMS = (
    ("Dyspnea", 3, (Seriousness.HOSPITALISATION,)), ("Lung infection", 3, (Seriousness.HOSPITALISATION,)),
    ("Skin ulceration", 3, ()), ("Heart failure", 3, (Seriousness.HOSPITALISATION,)),
    ("Sepsis", 4, (Seriousness.LIFE_THREATENING,)), ("Small intestinal obstruction", 3,
                                                  (Seriousness.HOSPITALISATION,)),
    ("Pulmonary hypertension", 3, ()), ("Arthritis", 3, ()),
    ("Weight loss", 3, ()),
)


def _severe(count: int, start: int) -> tuple[Severe, ...]:
    """``count`` events, one every other month, the kinds taken in turn from ``start``."""
    return tuple(Severe(2 + 2 * n, *_TERMS[(start + n) % len(_TERMS)]) for n in range(count))


F, M = Sex.FEMALE, Sex.MALE
K = Kinship
D = Decimal

# enrolled, name, born, sex, kg, mrss, donor, donor born, kinship, months, turn, severe events
_ROWS = (
    ((2014, 3, 24), "Alice Marchand", (1969, 5, 2), F, "58.5", 28, "Paul Marchand", (1972, 9, 14), K.BROTHER, "24.1", Turn.PLAIN, 3),
    ((2014, 7, 8), "Bernard Collet", (1961, 11, 20), M, "74.0", 22, "Marie Collet", (1958, 2, 3), K.SISTER, "24.5", Turn.PLAIN, 0),
    ((2014, 10, 14), "Camille Dufour", (1980, 1, 17), F, "61.2", 31, "Anne Dufour", (1953, 6, 30), K.MOTHER, "20.8", Turn.DAMAGED_LABEL, 2),
    ((2015, 2, 3), "Denise Evrard", (1957, 8, 9), F, "66.0", 19, "Luc Evrard", (1984, 4, 22), K.SON, "24.2", Turn.FAILED_VIABILITY, 3),
    ((2015, 6, 16), "Elise Gaillard", (1972, 3, 28), F, "54.3", 35, "Rose Gaillard", (1975, 12, 1), K.SISTER, "6.1", Turn.REACTIVE_DONOR, 2),
    ((2015, 9, 29), "Francois Henry", (1966, 10, 6), M, "81.4", 24, "Jean Henry", (1963, 7, 19), K.BROTHER, "24.3", Turn.CONDITIONAL, 0),
    ((2016, 2, 9), "Gisele Imbert", (1959, 4, 13), F, "63.8", 17, "Nadine Imbert", (1987, 5, 8), K.DAUGHTER, "24.6", Turn.BROKEN_BAG, 3),
    ((2016, 5, 24), "Helene Jacquet", (1976, 7, 25), F, "70.0", 26, "Yves Jacquet", (1949, 3, 11), K.FATHER, "23.4", Turn.PLAIN, 2),
    ((2016, 9, 13), "Isabelle Klein", (1968, 12, 4), F, "59.6", 33, "Odile Klein", (1970, 8, 27), K.SISTER, "24.8", Turn.LATE_POSITIVE, 0),
    ((2016, 12, 6), "Jacques Laurent", (1955, 6, 18), M, "77.2", 21, "Alain Laurent", (1952, 1, 5), K.BROTHER, "11.8", Turn.PLAIN, 3),
    ((2017, 3, 21), "Karine Muller", (1983, 2, 14), F, "55.9", 29, "Eva Muller", (1985, 10, 23), K.SISTER, "24.1", Turn.WRONG_RECIPIENT, 3),
    ((2017, 6, 20), "Laurence Noel", (1971, 9, 3), F, "68.1", 23, "Guy Noel", (1974, 11, 16), K.BROTHER, "24.4", Turn.EXCURSION, 0),
    ((2017, 10, 10), "Michel Olivier", (1964, 5, 29), M, "72.6", 20, "Simone Olivier", (1967, 6, 12), K.SISTER, "20.8", Turn.FAILED_STERILITY, 2),
    ((2018, 1, 23), "Nicole Pascal", (1960, 8, 21), F, "60.4", 38, "Eric Pascal", (1988, 9, 2), K.SON, "23.9", Turn.PLAIN, 3),
    ((2018, 5, 15), "Olivier Quentin", (1978, 11, 11), M, "83.0", 27, "Agnes Quentin", (1981, 4, 4), K.SISTER, "24.5", Turn.PLAIN, 0),
    ((2018, 9, 4), "Pascale Renaud", (1973, 1, 30), F, "57.7", 25, "Denis Renaud", (1969, 2, 24), K.BROTHER, "12.3", Turn.CONDITIONAL, 2),
    ((2018, 12, 11), "Quitterie Schmitt", (1981, 6, 7), F, "64.9", 32, "Lise Schmitt", (1956, 10, 15), K.MOTHER, "25.1", Turn.EXCEPTIONAL, 3),
    ((2019, 4, 2), "Regis Thomas", (1958, 3, 16), M, "79.5", 18, "Bruno Thomas", (1961, 12, 28), K.BROTHER, "22.0", Turn.PLAIN, 0),
    ((2019, 9, 17), "Sylvie Urbain", (1967, 7, 1), F, "62.3", 30, "Irene Urbain", (1965, 5, 20), K.SISTER, "26.0", Turn.PLAIN, 3),
    ((2020, 1, 6), "Thierry Vasseur", (1962, 12, 19), M, "75.8", 22, "Colette Vasseur", (1990, 8, 10), K.DAUGHTER, "17.9", Turn.PLAIN, 2),
)


def trial() -> tuple[Family, ...]:
    """The twenty, in the order of their enrolment."""
    return tuple(
        Family(date(*enrolled), name, date(*born), sex, D(kg), mrss, donor, date(*donor_born),
               kinship, D(months), turn, _severe(severe, number))
        for number, (enrolled, name, born, sex, kg, mrss, donor, donor_born, kinship, months, turn,
                     severe) in enumerate(_ROWS))
