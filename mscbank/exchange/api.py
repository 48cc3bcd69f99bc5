"""JSON for machines: the same acts, the same refusals, the same doors as the pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, jsonify, request
from marshmallow import Schema, ValidationError

from mscbank import acts, clock, things
from mscbank.acts import Act
from mscbank.audit import chain
from mscbank.database import session
from mscbank.errors import Malformed
from mscbank.exchange import bodies, pictures
from mscbank.infusions import facts
from mscbank.permissions import Permission
from mscbank.reports import lineage, listing, safety
from mscbank.scanning import service as scanning
from mscbank.settings import settings
from mscbank.signatures.shown import show as show_record
from mscbank.web import actform, forms
from mscbank.web.doors import actor, needs, signed_in
from mscbank.web.language import say
from mscbank.web.pages import permission_of

api = Blueprint("api", __name__, url_prefix="/api/v1")
MOST = 100


def install(app: Flask) -> None:
    """Mount the addresses."""
    app.register_blueprint(api)


@api.get("/openapi.json")
@signed_in
def openapi() -> Any:
    """What there is, for programs: never public."""
    from mscbank.exchange import description  # with its library, for those who ask

    return jsonify(description.description())


@api.get("/verdict")
@needs(Permission.READ_RECORDS)
def verdict() -> Any:
    """May this bag go into this person now? The one question that must be fast."""
    judged = facts.judge(request.args.get("bag", ""), request.args.get("recipient", ""),
                         clock.now())
    return {"verdict": judged.word, "findings": [
        {"reason": one.reason, "sentence": say(one.sentence)} for one in judged.findings]}


@api.get("/scan/<path:text>")
@needs(Permission.READ_RECORDS)
def scan(text: str) -> Any:
    """What a code is, where it is, and which acts this caller may do."""
    at, person = clock.now(), actor()
    scanned = scanning.look_up(text)
    answer = jsonify(pictures.scanned(
        scanned, scanning.stops(scanned.thing, at), person))
    app, word = current_app._get_current_object(), scanned.word  # type: ignore[attr-defined]

    @answer.call_on_close
    def log() -> None:
        """The scan log waits until the answer is on its way."""
        with app.app_context():
            scanning.log(text, word, person.id, at)
    return answer


@api.get("/trace/<path:text>")
@needs(Permission.READ_RECORDS)
def trace(text: str) -> Any:
    """Everything that led to a thing and everything that came of it."""
    return jsonify(lineage.as_json(lineage.family_tree(text)))


@api.get("/reports/safety")
@needs(Permission.READ_RECORDS)
def safety_report() -> Any:
    """The trial's safety table, computed from the records."""
    return jsonify(safety.safety_table())


@api.get("/reports/trial")
@needs(Permission.READ_RECORDS)
def trial_report() -> Any:
    """The study's report: every chapter's figures, computed from the records."""
    from mscbank.reports.trial import pages as trial
    from mscbank.reports.trial.report import as_json, report

    return jsonify(as_json(report(trial.asked_protocol())))


@api.get("/<slug:place>")
@needs(Permission.READ_RECORDS)
def things_of(place: str) -> Any:
    """Things of a kind, latest first; ``next`` is the code to ask the following page with."""
    model = listing.model_of(place)
    found, before = listing.page(model, request.args.get("before"), _limit())
    return jsonify({"items": [pictures.thing(one) for one in found], "next": before})


def _limit() -> int:
    text = request.args.get("limit", "25")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= MOST:
        raise Malformed(f"limit is a whole number from 1 to {MOST}.", field="limit")
    return int(text)


@api.get("/<slug:place>/<code:code>")
@needs(Permission.READ_RECORDS)
def thing(place: str, code: str) -> Any:
    """A thing: its facts, what hangs on it, the acts that are possible now."""
    found = things.get(listing.model_of(place), code)
    return jsonify(pictures.thing(found) | {"parts": pictures.parts(found),
                                            "acts": pictures.acts(found, actor())})


@api.route("/<slug:place>/<code:code>/<slug:slug>/record", methods=["GET", "POST"])
@needs(permission_of)
def record(place: str, code: str, slug: str) -> Any:
    """The record a signed act seals, with its digest. Writes nothing.

    The data come as query parameters, or as ``{"data": ...}`` by POST where they are long.
    """
    return _record(actform.act_at(place, slug), code)


@api.route("/<slug:room>/<slug:slug>/record", methods=["GET", "POST"])
@needs(permission_of)
def beginning_record(room: str, slug: str) -> Any:
    """The record of a signed act that begins something."""
    return _record(actform.act_at(room, slug), None)


def _record(act: Act, code: str | None) -> Any:
    if act.meaning is None or act.record is None:
        raise Malformed("This act is not signed: there is no record to read first.", field="act")
    read = {"data": _asked_data(act.schema())} if request.method == "GET" else _json()
    try:
        data = act.schema().load(read.get("data", {}))
    except ValidationError as error:
        raise bodies.BadBody(forms.sentences(error.messages, dot=".")) from None
    thing = [things.get(act.on, code or "")] if act.on else []
    made = act.record(*thing, **data)
    answer = {"act": act.name, "meaning": act.meaning, "sentence": act.meaning.sentence,
              "record": chain.plain(made), "digest": show_record(made, at=clock.now())}
    for name, asked in (("entries", act.reading), ("beside", act.beside)):
        if asked:
            answer[name] = [{"sequence": each.sequence, "hash": each.hash, "body": each.body}
                            for each in asked(*thing, **data)]
    return jsonify(answer)


def _asked_data(schema: Schema) -> dict[str, Any]:
    unknown = {name for name in request.args if name.split("-")[0] not in schema.load_fields}
    if unknown:
        raise bodies.BadBody({name: forms.PLAINER["Unknown field."] for name in sorted(unknown)})
    data, wrong = forms.read(schema, request.args, settings().zone)
    if wrong:
        raise bodies.BadBody(wrong)
    return data


@api.post("/<slug:place>/<code:code>/<slug:slug>")
@needs(permission_of)
def do(place: str, code: str, slug: str) -> Any:
    """An act on a thing."""
    return _do(actform.act_at(place, slug), code.upper())


@api.post("/<slug:room>/<slug:slug>")
@needs(permission_of)
def begin(room: str, slug: str) -> Any:
    """An act that begins something."""
    return _do(actform.act_at(room, slug), None)


def _do(act: Act, code: str | None) -> Any:
    key = bodies.key_of(request.headers.get("Idempotency-Key"))
    read = bodies.read_body(act, _json())
    person = actor()
    session.rollback()
    return jsonify(acts.perform(act, code, read.pop("data"), by=person, key=key, **read))


def _json() -> dict[str, Any]:
    """The body as JSON; no body is an empty one."""
    if not request.content_length and not request.is_json:
        return {}
    sent = request.get_json()  # 400 or 415 with a sentence when it is not JSON
    if not isinstance(sent, dict):
        raise Malformed("The body is a JSON object.", field="body")
    return sent
