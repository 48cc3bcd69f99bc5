"""The one door of all acts: proof, lock, refusal kept, retry answered once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import service as accounts
from mscbank.accounts.models import Account
from mscbank.acts import Credential, catalogue, perform, why_not
from mscbank.audit import chain
from mscbank.audit.models import ATTEMPTS, NOT_PROVEN, REFUSED, Entry
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotAllowed, NotKnown, NotProven, Refused
from mscbank.permissions import CHART, Role
from mscbank.recipients.models import Recipient, Weight
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.stages.recipients import consenting_recipient

WEIGH = ("recipients", "weigh")


def data(kg: str = "61.5") -> dict:
    return {"kg": Decimal(kg), "measured_at": START}


def refusals() -> list[Entry]:
    return list(session.scalars(sa.select(Entry).where(Entry.act.in_(ATTEMPTS))
                                .order_by(Entry.sequence)))


def test_an_act_answers_with_its_entry(bank) -> None:
    cast = Cast()
    recipient = consenting_recipient(cast)
    told = perform(catalogue()[WEIGH], recipient.code, data(), by=cast.nadia)
    assert told["act"] == "weigh" and told["code"] == recipient.code
    assert session.get(Entry, told["entry"]).act == "weigh"
    assert verify().sound


def test_a_retry_with_the_same_key_is_answered_again_and_done_once(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    answers = [perform(catalogue()[WEIGH], code, data(), by=cast.nadia, key="k1")
               for _ in range(5)]
    assert answers == [answers[0]] * 5
    assert session.scalar(sa.select(sa.func.count()).select_from(Weight)) == 1


def test_without_a_key_it_would_be_tried_again(bank) -> None:
    """The control: the same five requests without a key are five attempts."""
    cast = Cast()
    code = consenting_recipient(cast).code
    perform(catalogue()[WEIGH], code, data(), by=cast.nadia)
    with pytest.raises(Refused):
        perform(catalogue()[WEIGH], code, data(), by=cast.nadia)
    assert len(refusals()) == 1


def test_a_key_used_for_something_else_is_refused(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    perform(catalogue()[WEIGH], code, data(), by=cast.nadia, key="k1")
    with pytest.raises(Malformed, match="idempotency key"):
        perform(catalogue()[WEIGH], code, data("70"), by=cast.nadia, key="k1")


def test_a_refused_attempt_is_an_entry_and_changes_nothing_else(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    with pytest.raises(NotAllowed, match="physician or nurse"):
        perform(catalogue()[WEIGH], code, data(), by=cast.tessa)
    (entry,) = refusals()
    assert entry.subject == code and '"attempted":"weigh"' in entry.body
    assert session.scalar(sa.select(sa.func.count()).select_from(Weight)) == 0


def test_an_unknown_thing_is_refused(bank) -> None:
    cast = Cast()
    consenting_recipient(cast)
    from labels import housecode

    with pytest.raises(NotKnown):
        perform(catalogue()[WEIGH], housecode.new("RX"), data(), by=cast.nadia)
    with pytest.raises(Malformed):
        perform(catalogue()[WEIGH], "RXBBBB", data(), by=cast.nadia)
    with pytest.raises(NotKnown):
        perform(catalogue()[WEIGH], housecode.new("BX"), data(), by=cast.nadia)
    assert len(refusals()) == 3


def test_a_role_taken_meanwhile_counts_at_once(bank) -> None:
    """The actor's roles were read at the door; the act reads them again inside the lock."""
    cast = Cast()
    code = consenting_recipient(cast).code
    with transaction():
        accounts.take_role(session.get_one(Account, cast.nadia.id), Role.NURSE, by=cast.adam,
                           at=clock.now(), reason="left the ward")
    assert Role.NURSE in cast.nadia.roles
    with pytest.raises(NotAllowed):
        perform(catalogue()[WEIGH], code, data(), by=cast.nadia)


def facts() -> dict:
    return {"assessed_on": START.date()}


def seen(code: str) -> str:
    recipient = session.scalar(sa.select(Recipient).where(Recipient.code == code))
    digest = chain.digest(catalogue()["recipients", "assess"].record(recipient, **facts()))
    session.rollback()
    return digest


def test_a_signed_act_asks_user_name_password_and_what_was_seen(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    act = catalogue()["recipients", "assess"]
    word = Credential("paula", PASSWORD)
    for credential, digest, error in (
            (None, seen(code), Refused), (word, None, Refused), (word, "0" * 64, Refused),
            (Credential("paula", "wrong"), seen(code), NotProven),
            (Credential("quentin", PASSWORD), seen(code), Refused)):
        with pytest.raises(error):
            perform(act, code, facts(), by=cast.paula, credential=credential, seen=digest)
    with clock.pinned(START + timedelta(minutes=1)):
        told = perform(act, code, facts(), by=cast.paula, credential=word, seen=seen(code))
    assert told["act"] == "assess"
    assert [entry.act for entry in refusals()] == [
        NOT_PROVEN, NOT_PROVEN, REFUSED, NOT_PROVEN, NOT_PROVEN]


def test_every_act_names_a_permission_of_the_chart_and_stands_once() -> None:
    from mscbank import import_models

    import_models()
    for (place, slug), act in catalogue().items():
        assert place and slug and act.permission in CHART
        assert (act.meaning is None) == (act.record is None), act.name


def test_the_reason_an_act_is_not_possible_is_a_sentence(bank) -> None:
    cast = Cast()
    recipient = consenting_recipient(cast)
    weigh = catalogue()[WEIGH]
    assert why_not(weigh, recipient, cast.nadia) is None
    assert "physician or nurse" in (why_not(weigh, recipient, cast.tessa) or "")
