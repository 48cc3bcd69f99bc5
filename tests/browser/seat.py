"""Paula before her browser, a virtual authenticator in place of a device, and the bank it serves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from mscbank import clock, create_app, migrations
from mscbank.accounts.factors import BY_PASSWORD
from mscbank.accounts.models import Binding, Passkey
from mscbank.accounts.own import service as own
from mscbank.database import db, session, transaction
from mscbank.signatures.models import Signature
from mscbank.signatures.service import verify_binding
from tests.browser.conftest import sign_in
from tests.cast import PASSWORD, Cast
from tests.conftest import START, configured
from tests.stages.recipients import consenting_recipient

AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                 "hasUserVerification": True, "isUserVerified": True,
                 "automaticPresenceSimulation": True}


@dataclass
class Bank:
    """A served bank: its address, the same at another port, and its clock."""

    app: Any
    cast: Cast
    port: int
    other_port: int
    late: timedelta = field(default=timedelta(0))

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def recipient(self) -> str:
        """Somebody to assess."""
        with self.app.app_context():
            code = consenting_recipient(self.cast).code
            session.remove()
        return code

    def signatures(self, subject: str) -> list[tuple[Binding, tuple[str, ...]]]:
        """How each signature on a thing is bound, and what is wrong with it."""
        with self.app.app_context():
            found = [(one.binding, verify_binding(one)) for one in session.scalars(
                sa.select(Signature).where(Signature.subject == subject))]
            session.remove()
        return found


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("passkeys")
    servers = [make_server("127.0.0.1", 0, None, threaded=True) for _ in range(2)]
    port, other = (server.server_port for server in servers)
    config = replace(configured(folder, f"sqlite:///{folder / 'bank.sqlite3'}"),
                     origin=f"http://localhost:{port}")
    app = create_app(config)
    with app.app_context(), clock.pinned(START):
        migrations.upgrade(db.engine)
        cast = Cast()
        session.remove()
    served = Bank(app, cast, port, other)
    since = datetime.now(UTC) - START  # midnight is far, on every clock
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime.now(UTC) - since + served.late)
        for server in servers:
            server.app = app
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield served
        for server in servers:
            server.shutdown()


@dataclass
class Seat:
    """Paula before her browser, with her device."""

    page: Any
    device: Any
    authenticator: str
    bank: Bank

    def tell(self, command: str, **more: Any) -> Any:
        return self.device.send(f"WebAuthn.{command}", {"authenticatorId": self.authenticator}
                                | more)

    def open_record(self, code: str, port: int | None = None) -> None:
        """The signing page of an assessment, up to the button."""
        asked = urlencode({
            "assessed_on": f"{clock.now():%Y-%m-%d}"})
        self.page.goto(f"http://localhost:{port or self.bank.port}/recipients/{code}/assess?{asked}")
        self.page.click("button[value=review]")
        self.page.wait_for_selector("[name=signer_password]")
        self.page.fill("[name=signer]", "paula")
        self.page.fill("[name=signer_password]", PASSWORD)

    def sign(self) -> None:
        """By keyboard: Enter in the last box, once the page hears it."""
        self.page.wait_for_load_state("load")
        self.page.press("[name=signer_password]", "Enter")

    def done(self) -> None:
        self.page.wait_for_url("**/done/**")

    def said(self, words: str) -> None:
        """The sentence beside the passkey; and nothing typed was lost."""
        self.page.wait_for_function(
            "words => [...document.querySelectorAll('.factor [data-said]')]"
            ".some(one => one.textContent.includes(words))", arg=words)
        assert self.page.input_value("[name=signer]") == "paula"
        assert self.page.input_value("[name=signer_password]") == PASSWORD

    def refused(self, words: str) -> None:
        """The answer of the server."""
        self.page.wait_for_selector("#alarm")
        assert words in self.page.inner_text("#alarm")


@pytest.fixture
def sit(chromium: Any, bank: Bank) -> Iterator[Callable[[], Seat]]:
    """``sit()`` is Paula signed in, her passkey registered by the pages."""
    contexts = []
    bank.late = timedelta(0)

    def open_() -> Seat:
        context = chromium.new_context(base_url=bank.address)
        contexts.append(context)
        page = context.new_page()
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        name = device.send("WebAuthn.addVirtualAuthenticator",
                           {"options": AUTHENTICATOR})["authenticatorId"]
        page.goto("/sign-in")
        sign_in(page, "paula")
        page.goto("/me/passkeys/add")
        page.fill("[name=label]", "blue key")
        page.fill("[name=signer_password]", PASSWORD)
        page.press("[name=signer_password]", "Enter")
        page.wait_for_selector("[data-create]")
        page.wait_for_load_state("load")  # only then does the button hear, and have the focus
        page.keyboard.press("Enter")  # the button has the focus
        page.wait_for_selector("th:has-text('blue key')")
        return Seat(page, device, name, bank)

    yield open_
    for context in contexts:
        context.close()
    with bank.app.app_context():  # the next test begins without a second factor
        with transaction():
            at = clock.now()
            for key in session.scalars(sa.select(Passkey).where(Passkey.ended_at.is_(None))):
                own.end_passkey(key, "the test is over", BY_PASSWORD, by=bank.cast.paula, at=at)
        session.remove()
