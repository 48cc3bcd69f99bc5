"""What gunicorn serves while it is measured: the product, and beside it one constant page.

The constant page is the least a Flask application can do; it is no part of the product.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from mscbank import create_app

constant = Flask("constant")


@constant.get("/")
def always() -> dict[str, object]:
    """The same few bytes as a verdict's."""
    return {"verdict": "go", "findings": []}


application = DispatcherMiddleware(create_app(), {"/constant": constant})
