"""The longest texts each layout promises to hold, for every language it promises them in."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from labels import companion, housecode, stock
from labels.wording import Caution, Language

from . import examples

ONE = (Language.EN, Language.FR)
ALL = tuple(Language)
EAST = timezone(timedelta(hours=10, minutes=30))       # the longest way to write a zone
NUMBERS = dict(lot="L-2026-0140-B-0007", recipient_number="SSC-MSC-01-0123", bag_count=240,
               volume=Decimal("123.45"), cells="1.25 × 10^8 cellules viables",
               class_name="MSC(M)-CP", expiry=datetime(2031, 12, 31, 23, 59, tzinfo=EAST))
SHORTER = {**NUMBERS, "recipient_number": "SSC-01-01234", "class_name": "MSC(M)",
           "cells": "1.25 × 10^8 viable cells"}
BOTH_CELLS = "1.25 × 10^8 viable cells / cellules viables"
WARNED = dict(cautions=(Caution.BIOHAZARD, Caution.ADVISE_RECIPIENT, Caution.REACTIVE),
              reactive_for=("anti-HBc",))
UNTESTED = dict(cautions=(Caution.BIOHAZARD, Caution.NOT_EVALUATED))
LAST_COPY = {kind: housecode.copy_text(make().code[:20], 255) for kind, make in (
    ("harvest", examples.harvest), ("culture", examples.culture), ("sample", examples.sample),
    ("wristband", examples.wristband), ("cryo", examples.cryo_unit),
    ("tube", examples.donor_tube), ("box", examples.box), ("badge", examples.badge),
    ("place", examples.storage_place))}

LONGEST = [
    ("bag-100x100", examples.bag(**NUMBERS, **WARNED), ALL),
    ("bag-100x100", examples.bag(**NUMBERS, **UNTESTED), ALL),
    ("bag-100x50", examples.bag(**SHORTER, **WARNED), ALL),
    ("bag-100x50", examples.bag(**SHORTER, **UNTESTED), ALL),
    ("bag-100x50", examples.bag(**SHORTER), ALL),
    ("tag-100x80", examples.bag(**SHORTER, **WARNED), ALL),
    ("tag-100x80", examples.bag(**{**SHORTER, "cells": BOTH_CELLS}), ALL),
    ("bag-100x100", examples.bag(**{**NUMBERS, "cells": BOTH_CELLS}), ALL),
    ("bag-100x50", examples.bag(cells=BOTH_CELLS), ALL),
    ("small-50x25", examples.bag(**{**SHORTER, "lot": "L-2026-0140-B"}, **WARNED), ALL),
    ("bag-100x50", examples.harvest(recipient_number="SSC-MSC-01-0123",
                                    code=LAST_COPY["harvest"], **UNTESTED), ALL),
    ("bag-100x50", examples.harvest(recipient_number="SSC-MSC-01-0123",
                                    code=LAST_COPY["harvest"], **WARNED), ALL),
    ("bag-100x50", examples.harvest(recipient_number="SSC-MSC-01-0123"), ALL),
    ("small-50x25", examples.culture(code=LAST_COPY["culture"], number="C-2026-0140",
                                     recipient_number="SSC-MSC-01-0123"), ALL),
    ("small-50x25", examples.cryo_unit(code=LAST_COPY["cryo"], number="A999926000042", unit="12/24",
                                       cells="1.25 × 10^8 viable / viables",
                                       recipient_number="SSC-MSC-01-0123",
                                       expiry=NUMBERS["expiry"], storage="-196 to -135 °C"), ALL),
    ("small-50x25", examples.sample(code=LAST_COPY["sample"], test="Mycoplasma PCR 28 d",
                                    source="C-2026-014 P1"), ALL),
    ("small-50x25", examples.donor_tube(code=LAST_COPY["tube"], tests="HIV, HBV, HCV, HTLV, CMV, "
                                        "syphilis", donor_number="D-2026-0079"), ALL),
    ("small-50x25", examples.storage_place(code=LAST_COPY["place"], place="Tank 12 / Canister 3 / "
                                           "Cassette 14"), ALL),
    ("wristband", examples.wristband(code=LAST_COPY["wristband"],
                                     recipient_number="SSC-MSC-01-0123"), ALL),
    ("badge-86x54", examples.badge(code=LAST_COPY["badge"], number="HOSP-0417-22",
                                   role="Qualified person, cell therapy and apheresis"), ALL),
    ("bag-100x100", examples.box(code=LAST_COPY["box"], box="DRY-SHIPPER-0017", bag_count=24,
                                 temperature="-196 to -135 °C"), ALL),
    ("paper-a4", examples.packing_list(10, code=LAST_COPY["box"]), ALL),
    ("paper-a4", examples.bedside_form(**NUMBERS, **WARNED), ALL)]


def printed(name, label, language):
    """What is printed for it: itself, in whichever language stands alone on it where two have no
    room, and the label that goes with it then."""
    on = stock.stock(name)
    spoken = dict.fromkeys(companion.spoken(label, on, language, first) for first in ONE)
    return ([(name, label, each) for each in spoken]
            + [("tag-100x80", label, language)] * companion.goes_with(label, on, language))


EVERY = [each for name, label, languages in (
            *((name, label, ALL) for name, label in examples.GOOD), *LONGEST)
         for language in languages for each in printed(name, label, language)]
IDS = [f"{name}-{type(label).__name__}-{language}" for name, label, language in EVERY]
