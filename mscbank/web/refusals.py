"""What is said when something is not done: a page for people, JSON for machines, never a stack."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from mscbank.database import session
from mscbank.errors import Refused
from mscbank.web.doors import SAFE, Expired, for_machines, is_secret, whose_session
from mscbank.web.language import say

SENTENCES = {
    400: ("This request cannot be read.", "Go back and try again."),
    401: ("Sign in first.", "Sign in, then do it again."),
    403: ("You may not do this.", "Ask someone whose role allows it."),
    404: ("There is no such page.", "Scan the code, or begin at the worklist."),
    405: ("This page cannot be used in this way.", "Go back and use its buttons."),
    408: ("The request took too long to arrive.", "Check the network, then try again."),
    409: ("This could not be done.", "Look at what is recorded, then decide."),
    413: ("This is too large.", "Send at most 4 MB; a file may be as large as this bank allows."),
    415: ("This kind of content is not understood.", "Machines send application/json."),
    422: ("A value cannot be right.", "Correct it and send it again."),
    429: ("Too many requests.", "Wait a minute, then try again."),
    500: ("Something went wrong here, and nothing was changed.",
          "Try once more. If it stays so, use the paper form and tell the administrator."),
    503: ("The record cannot be written at the moment, and nothing was changed.",
          "Try again in a minute. If it stays so, use the paper form and tell the administrator."),
}

NOTHING_TYPED = ("accounts.sign_out", "accounts.lock")


def install(app: Flask) -> None:
    """One answer for each kind, whoever raised it."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(sa.exc.OperationalError, _no_database)
    app.register_error_handler(Exception, _fault)


def answer(status: int, sentence: str, *, field: str | None = None, reasons: tuple[str, ...] = (),
           fields: dict[str, str] | None = None, difference: tuple[str, ...] = (),
           ) -> tuple[Any, int]:
    """The sentence, as whoever asked can read it."""
    what_next = SENTENCES.get(status, SENTENCES[500])[1]
    if for_machines():
        error: dict[str, Any] = {"status": status, "sentence": say(sentence), "field": field,
                                 "reasons": list(reasons)}
        if fields:
            error["fields"] = {name: say(told) for name, told in fields.items()}
        if difference:
            error["difference"] = list(difference)
        return jsonify({"error": error}), status
    session.rollback()
    return render_template("refused.html", status=status, sentence=sentence,
                           what_next=what_next), status


def _refused(refusal: Refused) -> Any:
    session.rollback()
    if isinstance(refusal, Expired) and not for_machines():
        return _ask_to_sign_in()
    told = answer(refusal.status, refusal.sentence, field=refusal.field, reasons=refusal.reasons,
                  fields=getattr(refusal, "fields", None),
                  difference=refusal.difference)
    if refusal.status == 401 and for_machines():
        return (*told, {"WWW-Authenticate": "Bearer"})
    return told


def _ask_to_sign_in() -> tuple[str, int]:
    """The sign-in page, holding what was typed: an expired session loses no words."""
    kept: dict[str, list[str]] = {}
    back = request.path
    if request.method in SAFE:
        back = request.full_path.rstrip("?")
    elif request.endpoint in NOTHING_TYPED:
        back = urlsplit(request.referrer or "/").path
    else:
        kept = {name: request.form.getlist(name) for name in request.form
                if name != "csrf" and not is_secret(name)}
    return render_template("accounts/sign_in.html", back=back, kept=kept, expired=bool(kept),
                           whose=whose_session()), 401


def http(error: HTTPException) -> Any:
    """What the web itself refuses: no such page, too large, not JSON."""
    status = error.code or 500
    if status < 400:
        return error  # a redirect is no refusal
    sentence = SENTENCES.get(status, SENTENCES[500])[0]
    told = answer(status, sentence, reasons=(error.name.lower(),))
    allowed = getattr(error, "valid_methods", None)
    return (*told, {"Allow": ", ".join(sorted(allowed))}) if allowed else told


def _no_database(error: Exception) -> Any:
    current_app.logger.exception("the database did not answer")
    session.rollback()
    return answer(503, SENTENCES[503][0], reasons=("not written",))


def _fault(error: Exception) -> Any:
    current_app.logger.exception("a fault of ours")
    session.rollback()
    return answer(500, SENTENCES[500][0], reasons=("fault",))
