"""A passkey signs what was seen, once, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock, things
from mscbank.accounts import factors
from mscbank.accounts.factors import Typed
from mscbank.accounts.models import Alert, Binding, Challenge, Passkey
from mscbank.accounts.statement import Statement, challenge
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import NotProven, RecordChanged, Refused
from mscbank.permissions import Role
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient
from mscbank.signatures.models import Signature
from mscbank.signatures.service import verify_binding
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.accounts.authenticator import PRESENT, VERIFIED, challenge_of, registered, typed
from tests.mscbank.signatures.signing import act, page, signatures
from tests.stages.recipients import consenting_recipient


@pytest.fixture
def ready(bank):
    """Paula with her passkey before the signing page of a recipient."""
    cast = Cast()
    code = consenting_recipient(cast).code
    device = registered(cast.paula)
    return cast, device, page(cast.paula, code)


def test_a_passkey_signs_and_the_signature_verifies_from_what_it_keeps(ready) -> None:
    _, device, open_ = ready
    assert open_.sign(typed(device, open_.asked))["act"] == "assess"
    (signed,) = signatures()
    kept = json.loads(signed.proof)
    manifest = json.loads(kept["manifest"])
    assert (signed.binding, verify_binding(signed)) == (Binding.PASSKEY, ())
    assert manifest == {
        "act": "assess", "subject": open_.code, "meaning": "recipient assessed",
        "statement": act().meaning.sentence, "digest": open_.digest, "signer": "paula",
        "nonce": signed.nonce}
    assert session.scalars(sa.select(Passkey)).one().last_used_at == START
    assert verify().sound


def test_where_a_passkey_is_registered_the_password_alone_does_not_sign(ready) -> None:
    _, _, open_ = ready
    with pytest.raises(NotProven, match="confirm with it in the browser"):
        open_.sign()
    assert signatures() == []


@pytest.mark.parametrize("wrong, sentence", [
    ({"origin": "http://localhost:8001"}, "another address"),
    ({"origin": "https://elsewhere.example"}, "another address"),
    ({"crossOrigin": True}, "another address"),
    ({"host": "elsewhere.example"}, "does not fit"),
    ({"flags": PRESENT}, "PIN, finger or face"),
    ({"flags": VERIFIED}, "does not fit"),
    ({"kind": "webauthn.create"}, "does not fit"),
])
def test_an_answer_from_elsewhere_or_unverified_is_refused(
        wrong: dict[str, Any], sentence: str, ready) -> None:
    _, device, open_ = ready
    with pytest.raises(NotProven, match=sentence):
        open_.sign(typed(device, open_.asked, **wrong))
    assert signatures() == []


def test_an_answer_signs_once(ready) -> None:
    """The same answer again is refused; the answer's own bytes are unique in the database too."""
    cast, device, open_ = ready
    beside = typed(device, open_.asked)
    open_.sign(beside)
    with pytest.raises(NotProven, match="has been answered"):
        open_.sign(beside)
    other = page(cast.paula, open_.code)
    with pytest.raises(NotProven, match="does not fit"):
        other.sign(Typed(answer=beside.answer, nonce=other.asked.nonce))
    assert len(signatures()) == 1
    signed = signatures()[0]
    for unique in ("nonce", "assertion"):
        twin = {column.key: getattr(signed, column.key) for column in sa.inspect(Signature).columns
                if column.key not in ("id", "entry")}
        twin |= {"nonce": "n", "assertion": "a"} | {unique: getattr(signed, unique)}
        with pytest.raises(sa.exc.IntegrityError), transaction():
            session.add(Signature(**twin))
            session.flush()


def test_a_retry_with_the_same_key_is_answered_again_and_signed_once(ready) -> None:
    _, device, open_ = ready
    beside = typed(device, open_.asked)
    answers = [open_.sign(beside, key="k1") for _ in range(3)]
    assert answers == [answers[0]] * 3 and len(signatures()) == 1


@pytest.mark.parametrize("swapped", ["seen", "username"])
def test_an_answer_for_other_content_is_refused(swapped: str, ready) -> None:
    cast, device, open_ = ready
    beside = typed(device, open_.asked)
    other = {"seen": "0" * 64, "username": "quentin"}[swapped]
    if swapped == "username":
        registered(cast.quentin)
    with pytest.raises(NotProven):
        open_.sign(beside, **{swapped: other})
    assert signatures() == []


def test_an_answer_for_another_thing_meaning_or_page_is_refused(ready) -> None:
    cast, device, open_ = ready
    elsewhere = page(cast.paula, consenting_recipient(cast).code)
    again = page(cast.paula, open_.code)
    statement = Statement("assess", open_.code, "certified", "I certify.", open_.digest)
    other_meaning = factors.ask(cast.paula, statement)
    for beside in (typed(device, elsewhere.asked), typed(device, other_meaning),
                   Typed(answer=device.answer(challenge_of(again.asked)), nonce=open_.asked.nonce),
                   Typed(answer=device.answer(challenge_of(open_.asked)), nonce=again.asked.nonce)):
        with pytest.raises(NotProven):
            open_.sign(beside)
    assert signatures() == []


def test_a_page_of_another_person_is_not_answered(ready) -> None:
    """The number was given to Quentin's page: Paula's answer to it is soundly hers, and refused."""
    cast, device, open_ = ready
    nonce = factors.issue(cast.quentin.id, "assess")
    manifest = Statement("assess", open_.code, "recipient assessed", act().meaning.sentence,
                         open_.digest).manifest("paula", nonce)
    with pytest.raises(NotProven, match="has been answered or is older"):
        open_.sign(Typed(answer=device.answer(challenge(manifest)), nonce=nonce))


def test_a_record_that_changed_under_the_page_is_not_signed_and_the_answer_is_spent(ready) -> None:
    cast, device, open_ = ready
    beside = typed(device, open_.asked)
    with transaction():
        recipient = things.get(Recipient, open_.code)
        recipients.withdraw(recipient, "moved away", by=cast.carole, at=START)
    with pytest.raises(Refused):
        open_.sign(beside)
    assert signatures() == []
    assert session.get(Challenge, factors.digest(open_.asked.nonce)).used_at == START


def test_what_was_read_is_what_is_signed(ready) -> None:
    """A digest that was never the record's: sound answer, changed record."""
    cast, device, open_ = ready
    wrong = Statement("assess", open_.code, "recipient assessed", act().meaning.sentence, "0" * 64)
    asked = factors.ask(cast.paula, wrong)
    with pytest.raises(RecordChanged):
        open_.sign(typed(device, asked), seen="0" * 64)


@pytest.mark.parametrize("seconds, signs", [(299, True), (301, False)])
def test_a_page_is_answered_within_five_minutes(seconds: int, signs: bool, ready) -> None:
    _, device, open_ = ready
    beside = typed(device, open_.asked)
    with clock.pinned(START + timedelta(seconds=seconds)):
        if signs:
            assert open_.sign(beside)
        else:
            with pytest.raises(NotProven, match="five minutes"):
                open_.sign(beside)


def test_a_passkey_that_counts_backwards_is_refused_and_told_of(ready) -> None:
    cast, device, open_ = ready
    device.count = 10
    open_.sign(typed(device, open_.asked))
    device.count = 4
    with pytest.raises(factors.WentBack, match="a copy of it may exist"):
        again = page(cast.paula, open_.code)
        again.sign(typed(device, again.asked))
    alert = session.scalars(sa.select(Alert)).one()
    assert (alert.role, alert.about) == (Role.QUALITY, cast.paula.code)
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    assert "passkey counter went back" in entry.body


def test_a_passkey_that_does_not_count_signs_each_time(ready) -> None:
    cast, device, open_ = ready
    for minute in range(2):
        with clock.pinned(START + timedelta(minutes=minute)):
            open_ = page(cast.paula, consenting_recipient(cast).code)
            device.count = -1
            open_.sign(typed(device, open_.asked))
    assert [verify_binding(one) for one in signatures()] == [(), ()]


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"id": 1}', '{"id": "a", "response": {}}',
                                  "null", "x" * 30_000])
def test_what_is_no_answer_is_refused(text: str, ready) -> None:
    _, _, open_ = ready
    with pytest.raises(NotProven):
        open_.sign(Typed(answer=text or "{", nonce=open_.asked.nonce))


def test_another_persons_passkey_does_not_sign(ready) -> None:
    cast, _, open_ = ready
    theirs = registered(cast.quentin)
    with pytest.raises(NotProven, match="not registered for this person"):
        open_.sign(typed(theirs, open_.asked))


def test_any_other_field_of_a_kept_signature_is_found(ready) -> None:
    """Behind the application's back: every column and every part of the proof."""
    cast, device, open_ = ready
    open_.sign(typed(device, open_.asked))
    (signed,) = signatures()
    columns = {column.key: getattr(signed, column.key)
               for column in sa.inspect(Signature).column_attrs}
    proof = json.loads(signed.proof)
    others: list[dict[str, Any]] = [
        {"username": "quentin"}, {"user_id": cast.quentin.id}, {"subject": "RXBBBB"},
        {"meaning": next(other for other in type(signed.meaning) if other != signed.meaning)},
        {"digest": "0" * 64}, {"record": signed.record + " "}, {"nonce": "another"},
        {"assertion": "0" * 64}, {"binding": Binding.PASSWORD}, {"proof": None}, {"proof": "{}"},
        {"at": START - timedelta(days=1)}]
    # A key may end in zeros by chance: it is changed then too.
    for name, part in proof.items():
        ending = "QQQ" if "AA" in part[-3:] else "AAA"
        others += [{"proof": json.dumps(proof | {name: part[:-3] + ending})}]
    others += [{"proof": json.dumps({part: proof[part] for part in proof if part != name})}
               for name in proof]
    assert verify_binding(Signature(**columns)) == ()
    unseen = [other for other in others if verify_binding(Signature(**columns | other)) == ()]
    assert unseen == []
