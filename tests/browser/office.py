"""Quality assurance's office: a served bank with bad news, open questions and work to sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from mscbank import clock
from mscbank.accounts import timecode
from mscbank.accounts.factors import BY_PASSWORD
from mscbank.accounts.models import Account, Alert
from mscbank.accounts.own import service as own
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.permissions import Role
from mscbank.release import late
from mscbank.release.models import Deviation, TrailReview
from mscbank.schemas import Upload
from mscbank.testing import attachments, service
from mscbank.testing.models import Laboratory, Method, Sample
from tests.browser.conftest import sign_in
from tests.browser.ward import served_bank
from tests.cast import Cast
from tests.mscbank.imports.files import written
from tests.mscbank.imports.importing import imported, saved
from tests.stages.deviations import add_action, investigate
from tests.stages.release import lot_out_of_limit, released_lot, reviewed, tested_lot
from tests.stages.testing import answered, opened, result_of


@dataclass
class Office:
    """Where the bank answers, the codes of what stands there, and what happens meanwhile."""

    address: str
    codes: dict[str, str]
    app: Flask
    cast: Cast

    @contextmanager
    def meanwhile(self) -> Iterator[Cast]:
        """Somebody works at another desk."""
        with self.app.app_context():
            yield self.cast
            session.remove()

    def result_arrives(self, lot: str) -> None:
        """CD105 is measured a second time, on the sample of the lot."""
        with self.meanwhile() as cast:
            sample = session.scalars(sa.select(Sample).join(Lot).where(
                Lot.code == lot, Sample.stage == "drug product")).first()
            result_of(cast, sample, "cd105", value=Decimal("96.1"), unit="%")

    def sterility_fails(self, lot: str) -> None:
        """The bottle of a released lot grows after all."""
        with self.meanwhile() as cast:
            _grows(cast, session.scalars(sa.select(Lot).where(Lot.code == lot)).one())

    def time_code_for_quynh(self) -> pyotp.TOTP:
        """Quynh registers an app that shows six figures."""
        with self.meanwhile() as cast:
            account, at = session.get_one(Account, cast.quynh.id), clock.now()
            secret = timecode.new_secret()
            app = pyotp.TOTP(secret)
            with transaction():
                own.begin_time_code(account, secret, BY_PASSWORD, by=cast.quynh, at=at)
            with transaction():
                own.confirm_time_code(account, app.at(at - timedelta(seconds=30)), by=cast.quynh,
                                      at=at)
        return app


def _grows(cast: Cast, lot: Lot) -> None:
    negative = next(one for one in service.standing_results(lot)
                    if one.test == "sterility" and one.sample.stage == "drug product")
    with transaction():
        late.correct_result(negative, "The bottle was read again.", word="growth",
                            performed_at=clock.now(), by=cast.theo, at=clock.now())


def _tell(cast: Cast) -> tuple[dict[str, str], Cast]:
    recalled, released, unread = released_lot(cast), released_lot(cast), tested_lot(cast)
    _grows(cast, recalled)
    failing = lot_out_of_limit(cast)
    bad = next(one for one in service.standing_results(failing) if one.test == "cd105")
    investigation = answered(cast, opened(cast, bad), wrong="calculation")
    ready = reviewed(cast, tested_lot(cast))
    deviation = session.scalars(sa.select(Deviation)).one()
    action = add_action(cast, investigate(cast, deviation))
    with transaction():
        file = attachments.attach(investigation.code, Upload(name="panel.pdf", data=b"%PDF-1.4\n"),
                                  by=cast.theo, at=clock.now())
    codes = {
        "recalled": recalled.code, "released": released.code, "unread": unread.code,
        "ready": ready.code, "failing": failing.code, "bad": bad.code, "sample": bad.sample.code,
        "investigation": investigation.code, "deviation": deviation.code, "action": action.code,
        "file": file.code, "tessa": _code_of(cast.tessa.id),
        "import": _imported(cast, bad.sample)}
    for name, model in (("laboratory", Laboratory), ("method", Method), ("review", TrailReview)):
        codes[name] = session.scalars(sa.select(model.code)).first() or ""
    codes["alert"] = session.scalars(sa.select(Alert.code).where(
        Alert.role == Role.QUALITY, Alert.signed)).first() or ""
    return codes, cast


def _imported(cast: Cast, sample: Sample) -> str:
    """A file without times, read by a shape of our own."""
    shape = saved(cast, time=None, time_format=None, zone=None)
    file = Upload(name="counter.csv", data=written("Sample,Viability", f"{sample.code},96.5"))
    return imported(cast, file, shape, performed_at=clock.now()).code


def _code_of(account: int) -> str:
    return session.get_one(Account, account).code


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office, its bank served."""
    with served_bank(tmp_path_factory.mktemp("office"), _tell) as (address, (codes, cast), app):
        yield Office(address, codes, app, cast)


@pytest.fixture(scope="module")
def desk(chromium: Browser, office: Office) -> Iterator[Callable[[str | None], Page]]:
    """``desk("quentin")``: the page he sits before, signed in once; None is a stranger."""
    contexts: dict[str | None, BrowserContext] = {}

    def sit(username: str | None) -> Page:
        if username not in contexts:
            context = contexts[username] = chromium.new_context(
                base_url=office.address, reduced_motion="reduce")
            page = context.new_page()
            page.goto("/sign-in")
            if username:
                sign_in(page, username)
        page = contexts[username].pages[0]
        page.set_viewport_size({"width": 1280, "height": 800})
        return page

    yield sit
    for context in contexts.values():
        context.close()
