"""The web application is put together here: database, doors, error pages, security headers."""

from __future__ import annotations

from flask import Flask

from mscbank import import_models
from mscbank.accounts.service import set_cost
from mscbank.config import Config
from mscbank.database import db, prepare_engine


def build(config: Config) -> Flask:
    """A Flask application for this configuration."""
    config.instance.mkdir(parents=True, exist_ok=True)
    app = Flask("mscbank", instance_path=str(config.instance))
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": False}
    app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024
    app.extensions["mscbank"] = config
    set_cost(config.argon2_memory_kib, config.argon2_passes)
    import_models()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app
