"""Signing with a passkey in a real browser, with a virtual authenticator in place of a device.

The eight cases of the ceremony: good, cancelled, no PIN or finger, another address, replayed,
swapped content, too late, and the time code as the way round. The server is ours; nothing between
the button and the stored signature is played.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs

import pyotp
import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import timecode
from mscbank.accounts.factors import BY_PASSWORD
from mscbank.accounts.models import Account, Binding
from mscbank.accounts.own import service as own
from mscbank.database import session, transaction
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient
from tests.browser.seat import Bank, bank, sit
from tests.cast import PASSWORD

__all__ = ["bank", "sit"]  # fixtures


def test_good(sit, bank: Bank) -> None:
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.sign()
    seat.done()
    assert bank.signatures(code) == [(Binding.PASSKEY, ())]


def test_signing_in_asks_for_the_passkey_too(sit, bank: Bank) -> None:
    seat = sit()
    seat.page.click("text=Sign out")
    seat.page.fill("[name=username]", "paula")
    seat.page.fill("[name=password]", PASSWORD)
    seat.page.press("[name=password]", "Enter")
    seat.page.wait_for_selector("h1:has-text('Second factor')")
    seat.page.wait_for_load_state("load")
    assert not seat.page.query_selector(".who")
    seat.page.keyboard.press("Enter")
    seat.page.wait_for_selector(".who")


def test_cancelled(sit, bank: Bank) -> None:
    """The browser's own dialogue is outside the page: its answer to Cancel is given for it."""
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.page.evaluate("() => { window.asked = navigator.credentials.get;"
                       "navigator.credentials.get = () => Promise.reject("
                       "new DOMException('cancelled', 'NotAllowedError')); }")
    seat.sign()
    seat.said("You did not confirm with the passkey, so nothing was sent.")
    assert bank.signatures(code) == []
    seat.page.evaluate("() => { delete navigator.credentials.get; }")
    seat.sign()
    seat.done()


def test_no_browser_of_passkeys(sit, bank: Bank) -> None:
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.page.evaluate("() => { delete window.PublicKeyCredential; }")
    seat.sign()
    seat.said("This browser knows no passkeys")
    assert bank.signatures(code) == []


def test_a_device_that_holds_no_such_key_does_not_sign(sit, bank: Bank) -> None:
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.tell("clearCredentials")
    seat.sign()
    seat.said("You did not confirm with the passkey")
    assert bank.signatures(code) == []


def test_no_pin_or_finger(sit, bank: Bank) -> None:
    """The browser refuses it; and the server does when the page was told not to ask."""
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.tell("setUserVerified", isUserVerified=False)
    seat.sign()
    seat.said("You did not confirm with the passkey")
    seat.page.evaluate(
        "() => { const one = document.querySelector('[data-passkey]');"
        "one.dataset.passkey = one.dataset.passkey.replace('required', 'discouraged'); }")
    seat.sign()
    seat.refused("PIN, finger or face")
    assert bank.signatures(code) == []


def test_another_address(sit, bank: Bank) -> None:
    """The same bank under another port: the page says so, and the server too when it does not."""
    seat, code = sit(), bank.recipient()
    seat.open_record(code, bank.other_port)
    seat.sign()
    seat.said(f"work at {bank.address} only")
    seat.page.evaluate("() => { document.querySelector('[data-passkey]').dataset.origin ="
                       " location.origin; }")
    seat.sign()
    seat.refused("used at another address")
    assert bank.signatures(code) == []


def test_replayed(sit, bank: Bank) -> None:
    """What was sent is sent again, as it was and under other keys."""
    seat, code = sit(), bank.recipient()
    sent = []
    seat.page.on("request", lambda one: sent.append(one.post_data) if one.method == "POST"
                 and one.url.endswith("/assess") else None)
    seat.open_record(code)
    seat.sign()
    seat.done()
    form = {name: values[0] for name, values in parse_qs(sent[-1]).items()}
    assert form["signer_answer"] and form["step"] == "sign"
    for number in range(5):
        answer = seat.page.request.post(f"/recipients/{code}/assess",
                                        form=form | {"key": f"another-key-{number}"},
                                        headers={"Origin": bank.address})
        assert answer.status in (401, 409), answer.status
    again = seat.page.request.post(f"/recipients/{code}/assess", form=form,
                                   headers={"Origin": bank.address}, max_redirects=0)
    assert again.status == 303  # a retry is answered as it was
    assert bank.signatures(code) == [(Binding.PASSKEY, ())]


def test_swapped_record(sit, bank: Bank) -> None:
    """The record changes while the page is read."""
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    with bank.app.app_context():
        with transaction():
            person = session.scalars(sa.select(Recipient).where(Recipient.code == code)).one()
            recipients.withdraw(person, "moved away", by=bank.cast.carole, at=clock.now())
        session.remove()
    seat.sign()
    seat.refused("consent")
    assert bank.signatures(code) == []


@pytest.mark.parametrize("box", ["seen", "assessed_on", "signer_nonce"])
def test_swapped_words(box: str, sit, bank: Bank) -> None:
    """What the form sends is another than what was shown and confirmed."""
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    seat.page.evaluate("box => { document.querySelector(`[name=${box}]`).value ="
                       " box === 'assessed_on' ? '2000-01-01' : '0'.repeat(64); }", box)
    seat.sign()
    seat.refused({"assessed_on": "consent"}.get(box, "does not fit this page"))
    assert bank.signatures(code) == []


@pytest.mark.parametrize("what", ["thing", "page", "act"])
def test_a_confirmation_meant_for_another(what: str, sit, bank: Bank) -> None:
    """The challenge of another thing, another page of the same, another act and meaning."""
    seat, code = sit(), bank.recipient()
    if what == "act":
        seat.page.goto("/me/passkeys/add")
    else:
        seat.open_record(bank.recipient() if what == "thing" else code)
    other = seat.page.get_attribute("[data-passkey]", "data-passkey")
    seat.open_record(code)
    seat.page.evaluate("other => { document.querySelector('[data-passkey]').dataset.passkey ="
                       " other; }", other)
    seat.sign()
    seat.refused("does not fit this page")
    assert bank.signatures(code) == []


def test_too_late(sit, bank: Bank) -> None:
    seat, code = sit(), bank.recipient()
    seat.open_record(code)
    bank.late = timedelta(minutes=5, seconds=1)
    seat.sign()
    seat.refused("older than five minutes")
    assert bank.signatures(code) == []
    seat.page.fill("[name=signer]", "paula")
    seat.page.fill("[name=signer_password]", PASSWORD)
    seat.sign()  # the page that came back is a new one
    seat.done()


def test_the_way_round_by_time_code(sit, bank: Bank) -> None:
    seat, code = sit(), bank.recipient()
    secret = timecode.new_secret()
    app, at = pyotp.TOTP(secret), clock.now()
    with bank.app.app_context():
        account = session.get_one(Account, bank.cast.paula.id)
        with transaction():
            own.begin_time_code(account, secret, BY_PASSWORD, by=bank.cast.paula, at=at)
        with transaction():
            own.confirm_time_code(account, app.at(at - timedelta(seconds=30)), by=bank.cast.paula,
                                  at=at)
        session.remove()
    seat.open_record(code)
    seat.tell("clearCredentials")
    seat.page.fill("[name=signer_code]", app.at(clock.now()))
    seat.sign()
    seat.done()
    assert bank.signatures(code) == [(Binding.TIME_CODE, ())]
    seat.page.goto(f"/recipients/{code}")
    assert re.search(r"with time code", seat.page.inner_text("main"))
    with bank.app.app_context():
        with transaction():
            own.end_time_code(session.get_one(Account, bank.cast.paula.id), "the test is over",
                              BY_PASSWORD, by=bank.cast.paula, at=clock.now())
        session.remove()
