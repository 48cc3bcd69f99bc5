"""The web application is put together here: database, doors, error pages, security headers.

How a step adds its pages: a file ``<step>/pages.py`` with a blueprint named ``pages``; it is found
and mounted by itself, and its addresses go before the general ones of ``web/``::

    from flask import Blueprint, render_template
    from mscbank import things
    from mscbank.bags.models import Lot
    from mscbank.permissions import Permission
    from mscbank.web import actor, needs

    pages = Blueprint("bags", __name__)

    @pages.get("/lots/<code>")
    @needs(Permission.READ_RECORDS)
    def lot(code):
        return render_template("bags/lot.html", thing=things.get(Lot, code))

- A view without a door (``@needs(permission)``, ``@signed_in`` or ``@open_to_all``) is refused,
  whoever asks. The door is the line below the route.
- ``actor()`` is the person, known before the view is called.
- Acts need no page of their own: ``/<place>/<code>/<slug>`` (``/<room>/<slug>`` for what begins
  something) draws a form from the act's schema. Query parameters prefill it:
  ``address_of(act, thing, confluence=70)``.
- A view raises ``Refused``; people get a page, machines get JSON.
- POST only through ``act`` forms or with ``{{ csrf() }}`` inside the form.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from flask import Flask

from mscbank import IMPORTS, STEPS, STUDY, import_models
from mscbank.accounts.service import set_cost
from mscbank.config import Config, ConfigError
from mscbank.database import db
from mscbank.engine import prepare_engine
from mscbank.settings import set_settings
from mscbank.web.doors import actor, needs, open_to_all, signed_in
from specs import shelf

__all__ = ["actor", "build", "dress", "needs", "open_to_all", "signed_in"]


def build(config: Config, *, pages: bool = True) -> Flask:
    """A Flask application for this configuration; without pages it is the bank behind them, which
    the command needs and which stands in a tenth of the time."""
    config.instance.mkdir(parents=True, exist_ok=True)
    app = Flask("mscbank", instance_path=str(config.instance))
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": False}
    app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024  # a preview sends its file once more
    app.extensions["mscbank"] = config
    set_settings(config)
    if config.specs:
        _own_sheets(config.specs)
    set_cost(config.argon2_memory_kib, config.argon2_passes)
    import_models()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    if pages:
        dress(app)
    return app


def dress(app: Flask) -> None:
    """Doors first, then what may be seen through them."""
    from mscbank.web import actform, doors, headers, look, refusals

    config = app.extensions["mscbank"]
    headers.install(app, config)
    app.before_request(actform.allow_file)  # before the doors, which read what a form holds
    doors.install(app, config)
    refusals.install(app)
    look.install(app)
    for package in ("accounts", *STEPS, "audit", "scanning", "reports", "reports.trial",
                    IMPORTS, STUDY, "web", "exchange"):
        name = f"mscbank.{package}.pages"
        if importlib.util.find_spec(name):
            app.register_blueprint(importlib.import_module(name).pages)
    if importlib.util.find_spec("mscbank.exchange.api"):
        importlib.import_module("mscbank.exchange.api").install(app)


def _own_sheets(folder: Path) -> None:
    """The bank's own protocols and specifications beside those of the package, each sealed."""
    shelf.add(folder)
    if problems := shelf.check():
        raise ConfigError(f"MSCBANK_SPECS: {problems[0]}.")
