"""Somebody with a row in every table of the study's data, and the tables as they are taken along."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.database import transaction
from mscbank.followup import service as followup
from mscbank.followup.models import Cause, Expectedness, Side, Survival
from mscbank.followup.rules import Value
from mscbank.recipients.models import Recipient
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import infused_recipient, opinion, serious_event, visit
from tests.stages.recipients import consenting_recipient

PROTOCOL = shelf.protocol("nct02213705-2")
LATER = START + timedelta(days=200)


@pytest.fixture
def person(cast: Cast) -> Recipient:
    """Somebody with a row in every table, and somebody who only consents."""
    found = infused_recipient(cast)
    with clock.pinned(LATER):
        consenting_recipient(cast, name="Rose Blanc")
        visit(cast, found, "D0", date(2026, 3, 2), temperature_c=Decimal("36.6"), pulse=70,
              systolic=120, diastolic=80, saturation=98)
        wrong = visit(cast, found, "M3", date(2026, 6, 3), mrss=41)
        with transaction():
            followup.correct_visit(
                wrong, "A secret reason.", date(2026, 6, 2), mrss_sites=[2] * 9 + [0] * 8,
                fvc_percent=Decimal("80.5"), haq_di=Decimal("1.125"), survival=Survival.ALIVE,
                laboratory=[Value("CRP", Decimal(9), "mg/L", None, Decimal(5))], by=cast.carole,
                at=LATER)
            followup.miss_visit(found, "M1", "A secret holiday.", by=cast.carole, at=LATER)
    about = serious_event(cast, found, narrative="Madame Lambert told her story.",
                          treatment="A secret treatment.")
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED, "A secret of the investigator.")
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED, None, Expectedness.EXPECTED)
    return found


def tables_of(data: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
                for name in archive.namelist() if name.endswith(".csv")}
