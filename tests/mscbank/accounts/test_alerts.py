"""Alerts: who reads them, which ask for a signature, and over what it is given."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import alerts, service
from mscbank.accounts.models import Account, Alert
from mscbank.audit.service import record
from mscbank.bags import service as bags
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    NotAllowed,
    NotProven,
    RecordChanged,
    Refused,
    WrongMoment,
)
from mscbank.permissions import SYSTEM, Role
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import covers
from tests.cast import Cast
from tests.conftest import START
from tests.stages.deviations import acknowledge
from tests.stages.release import nonconforming_lot, seal_of


def of_the_recall(cast: Cast) -> Alert:
    """The physician's alert of a recalled lot."""
    nonconforming_lot(cast)
    return session.scalars(sa.select(Alert).where(Alert.role == Role.PHYSICIAN)).one()


def plain(cast: Cast, role: Role = Role.QUALITY) -> Alert:
    """An alert that asks for no signature."""
    with transaction():
        alert = service.raise_alert(role, None, "Look at the freezer.", at=clock.now())
        record("look", None, by=SYSTEM, at=clock.now())
    return alert


def note(cast: Cast, alert: Alert, by) -> Alert:
    with transaction():
        return alerts.note(alert, by=by, at=clock.now())


def test_bad_news_is_acknowledged_by_signature_over_what_it_says_and_how_things_stand(bank):
    cast = Cast()
    alert = of_the_recall(cast)
    told = alerts.alert_record(alert)
    assert told["alert"]["sentence"] == alert.sentence
    assert told["about"]["standing"] == "nonconforming"
    assert set(told["about"]["bags"].values()) == {"filled"}
    acknowledge(cast, alert)
    assert alert.acknowledged_by_id == cast.paula.id
    signature = session.get_one(Signature, alert.signature_id)
    assert signature.meaning is Meaning.ALERT_ACKNOWLEDGED and signature.subject == alert.code
    assert covers(signature, alerts.alert_record(alert)), "reading it changes nothing it says"
    with pytest.raises(AlreadyDone):
        acknowledge(cast, alert)


def test_what_changed_since_it_was_read_must_be_read_again(bank):
    cast = Cast()
    alert = of_the_recall(cast)
    seal = seal_of(cast.paula, Meaning.ALERT_ACKNOWLEDGED, alerts.alert_record(alert))
    bag = session.scalars(sa.select(bags.Bag)).first()
    with transaction():
        bags.destroy(bag, "Recalled.", by=cast.tessa, at=clock.now())
    with pytest.raises(RecordChanged), transaction():
        alerts.acknowledge(alert, seal=seal, by=cast.paula, at=clock.now())
    assert alert.acknowledged_at is None


@pytest.mark.parametrize("username", ["quentin", "tessa", "nadia", "carole", "adam"])
def test_an_alert_is_read_by_those_it_is_for(bank, username):
    cast = Cast()
    alert = of_the_recall(cast)
    cast.paula = getattr(cast, username)
    with pytest.raises(NotAllowed):
        acknowledge(cast, alert)
    with pytest.raises(NotAllowed):
        note(cast, plain(cast, Role.PHYSICIAN), getattr(cast, username))


def test_bad_news_is_not_just_noted_and_a_note_is_not_signed(bank):
    cast = Cast()
    with pytest.raises(WrongMoment, match="by signature"):
        note(cast, of_the_recall(cast), cast.paula)
    with pytest.raises(WrongMoment, match="no signature"):
        acknowledge(cast, plain(cast))
    with pytest.raises(Refused, match="must be signed"), transaction():
        alerts.acknowledge(session.scalars(sa.select(Alert).where(Alert.signed)).first(),
                           seal=None, by=cast.paula, at=clock.now())


def test_five_failed_sign_ins_alert_the_administrators_who_note_it(bank):
    cast = Cast()
    for failure in range(5):
        with clock.pinned(START + timedelta(hours=failure)), pytest.raises(NotProven):
            service.prove("tessa", "wrong", through="test")
    alert = session.scalars(sa.select(Alert)).one()
    assert alert.role == Role.ADMINISTRATOR and "tessa" in alert.sentence and not alert.signed
    with pytest.raises(NotAllowed):
        note(cast, alert, cast.quentin)
    note(cast, alert, cast.adam)
    with pytest.raises(AlreadyDone):
        note(cast, alert, cast.adam)


def test_what_is_signed_of_an_account_is_its_name_alone(bank):
    cast = Cast()
    account = session.get_one(Account, cast.tessa.id)
    with transaction():
        alert = service.raise_alert(Role.QUALITY, account, "Look.", at=clock.now(), signed=True)
        record("look", account, by=SYSTEM, at=clock.now())
    assert alerts.alert_record(alert)["about"] == {"code": account.code, "title": "tessa"}


def written(alert: Alert, **facts) -> None:
    """The row changed without the act."""
    with transaction():
        for name, value in facts.items():
            setattr(alert, name, value)
        record("change", alert, by=SYSTEM, at=clock.now())


def test_the_database_itself_asks_for_the_signature(bank):
    cast = Cast()
    alert, seen = of_the_recall(cast), {"acknowledged_at": START,
                                        "acknowledged_by_id": cast.paula.id}
    signature = session.scalar(sa.text("SELECT max(id) FROM signature"))
    with pytest.raises(sa.exc.IntegrityError, match="acknowledged_signed"):
        written(alert, **seen)
    with pytest.raises(sa.exc.IntegrityError, match="never changes"):
        written(alert, signed=False, **seen)
    with pytest.raises(sa.exc.IntegrityError, match="signed_where_asked"):
        written(plain(cast), signature_id=signature, **seen)
    with pytest.raises(sa.exc.IntegrityError, match="never changes"):
        written(alert, sentence="All is well.")
