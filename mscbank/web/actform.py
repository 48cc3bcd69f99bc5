"""The form of any act: drawn from its schema, checked, signed where a signature is asked for.

Nothing typed is lost by an error, except passwords. The hidden key makes a second press harmless.
A signed act is sent in two steps: the words first, then the record as it will be sealed, under
which user name and password are given.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from mscbank import acts, clock, things
from mscbank.accounts import drafts, factors
from mscbank.accounts.drafts import Kept
from mscbank.accounts.factors import Typed
from mscbank.acts import Act, Credential, Offer
from mscbank.audit import chain
from mscbank.audit.reading import marked_first, told
from mscbank.errors import NotKnown, Refused
from mscbank.reports import lastly
from mscbank.schemas import FileField
from mscbank.settings import settings
from mscbank.signatures.shown import changed_since
from mscbank.signatures.shown import show as show_record
from mscbank.web import forms
from mscbank.web.doors import actor
from mscbank.web.look import address

BESIDE_FILE = 1024 * 1024  # what a form or a body holds beside its file, at the most
PROOFS = frozenset(who + part for who in ("signer", "second")
                   for part in ("", "_password", "_code", "_answer", "_nonce"))
CONTROLS = {"csrf", "key", "seen", "step"} | PROOFS


def act_at(place: str, slug: str) -> Act:
    """The act under this address."""
    try:
        return acts.catalogue()[place, slug]
    except KeyError:
        raise NotKnown("There is no such act.") from None


@cache
def brings_file(act: Act) -> bool:
    """Whether the act asks for a file."""
    return any(isinstance(one, FileField) for one in act.schema().load_fields.values())


def allow_file() -> None:
    """What brings a file may be as large as one, in a machine's base64; all else stays small."""
    asked = request.view_args or {}
    place = asked.get("place") or asked.get("room") or ""
    act = acts.catalogue().get((place, asked.get("slug", "")))
    if act is not None and brings_file(act):
        request.max_content_length = settings().attachment_mib * 1024 * 1024 * 4 // 3 + BESIDE_FILE


def draft_of(act: Act, code: str | None) -> str:
    """The name under which what is typed into this form is kept."""
    return f"{act.place}/{code or ''}/{act.slug}"


@dataclass
class Sheet:
    """One form under way: the act, the thing, what was typed, what is wrong with it."""

    act: Act
    code: str | None
    typed: MultiDict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    waiting: Kept | None = None  # what was typed before and not sent

    @property
    def thing(self) -> Any:
        """Looked up afresh: an act may have changed it."""
        return things.get(self.act.on, self.code or "") if self.act.on else None

    def load(self) -> dict[str, Any] | None:
        """The data of the act, or None when something in it cannot be."""
        schema = self.act.schema()
        raw, self.wrong = forms.read(schema, self.typed, settings().zone, files=request.files)
        try:
            data = schema.load(raw)
        except ValidationError as error:
            self.wrong = forms.sentences(error.messages) | self.wrong
            return None
        return None if self.wrong else data


def show(act: Act, code: str | None) -> Any:
    """GET: the empty form, prefilled from the address; a signed act without words, its record."""
    sheet = Sheet(act, code, MultiDict(request.args))
    if act.meaning and not act.schema().load_fields:
        return _review(sheet, {})
    if act.drafted:
        sheet.waiting = drafts.find(actor().id, draft_of(act, code), clock.now())
        if sheet.waiting and request.args.get("draft") == "keep":
            sheet.typed, sheet.waiting = MultiDict(sheet.waiting.words), None
            return _draw(sheet)
    if act.begins and not sheet.typed:
        sheet.typed = MultiDict(_typed(act.begins(sheet.thing)))
    return _draw(sheet, fresh=True)


def _typed(values: dict[str, Any]) -> dict[str, str]:
    """Values as a person would have typed them; those of rows under the row's number."""
    typed = {}
    for name, value in values.items():
        if isinstance(value, list):
            typed |= {f"{name}-{row}-{box}": str(each) for row, one in enumerate(value)
                      for box, each in one.items()}
        else:
            typed[name] = str(value)
    return typed


def take(act: Act, code: str | None) -> Any:
    """POST: go back, look at the record, or do it."""
    sheet = Sheet(act, code, MultiDict(request.form))
    step = request.form.get("step", "")
    if step == "change":
        return _draw(sheet)
    if (data := sheet.load()) is None:
        return _draw(sheet, status=422)
    if act.meaning and step != "sign":
        return _review(sheet, data)
    return _do(sheet, data)


def _do(sheet: Sheet, data: dict[str, Any]) -> Response | tuple[str, int]:
    typed, key = sheet.typed, sheet.typed.get("key") or secrets.token_urlsafe(18)
    person = actor()
    try:
        done = acts.perform(
            sheet.act, sheet.code, data, by=person, key=key[:80],
            credential=_credential("signer") if sheet.act.meaning else None,
            seen=typed.get("seen"),
            second=_credential("second") if sheet.act.witnessed else None)
    except Refused as refusal:
        sheet.refusal = refusal
        if refusal.field == "Idempotency-Key":
            typed.pop("key", None)
            sheet.refusal = Refused("This form was sent before with other words, and that was "
                                    "done. Send it again only if it is to be done once more.")
        if sheet.act.meaning:
            return _review(sheet, data, status=refusal.status)
        if refusal.field:
            sheet.wrong[refusal.field] = refusal.sentence
        return _draw(sheet, status=refusal.status)
    if sheet.act.drafted:
        drafts.wipe(person.id, draft_of(sheet.act, sheet.code))
    if sheet.act.back:
        made = things.by_code(done["code"])
        return redirect(f"{address(sheet.act.back(made))}#{made.code}", 303)
    return redirect(url_for("web.done", key=key[:80]), 303)


def _credential(who: str) -> Credential | None:
    username = request.form.get(who, "").strip()
    password = request.form.get(f"{who}_password", "")
    return Credential(username, password, beside(who)) if username and password else None


def beside(who: str) -> Typed:
    """What came beside a password: a time code, or a passkey's answer to the page."""
    return Typed(*(request.form.get(f"{who}_{part}", "").strip()
                   for part in ("code", "answer", "nonce")))


def _draw(sheet: Sheet, *, fresh: bool = False, status: int = 200) -> tuple[str, int]:
    act, person = sheet.act, actor()
    thing = sheet.thing
    last = lastly.given(act, sheet.code, person)
    if fresh:
        for name, one in last.items():
            if one.filled and name not in sheet.typed:
                sheet.typed[name] = "\n".join(one.value) if isinstance(
                    one.value, list) else str(one.value)
    drawn = forms.boxes(act.schema(), sheet.typed, sheet.wrong, zone=settings().zone,
                        at=clock.now(), fresh=fresh)
    drawn = [box for box in drawn if box.kind != "why" or box.value or box.error]
    for box in drawn:
        box.last = last.get(box.name)
        if box.kind == "why":  # it was asked for: the value before it is out of the usual
            box.kind, box.required = "long", True
    if act.offers and thing is not None:
        offers = act.offers(thing, sheet.typed)
        drawn = [box for box in drawn
                 if box.name not in offers or offers[box.name].asked is not False]
        _offer(drawn, offers, fresh)
    return render_template(
        act.page, act=act, thing=thing, boxes=drawn, refusal=sheet.refusal, wrong=_listed(
            drawn, sheet.wrong), key=_key(sheet), waiting=sheet.waiting,
        draft=draft_of(act, sheet.code) if act.drafted else None,
        asked_second=act.witnessed and factors.ask_second(person, None),
        why_not=acts.why_not(act, thing, person) if thing is not None else None), status


def _offer(drawn: list[forms.Box], offers: dict[str, Offer], fresh: bool) -> None:
    """Boxes with a closed choice instead of free words, where the thing knows what can stand."""
    for box in drawn:
        offer = offers.get(box.name)
        if offer is None:
            continue
        box.help = offer.help or box.help
        box.required = box.required or bool(offer.asked)
        if offer.choices:
            box.kind = "checks" if box.kind in ("lines", "checks") else "select"
            box.choices = list(offer.choices)
            box.help = offer.help
        if fresh and offer.first and len(offer.choices) == 1 and not box.value:
            box.value = offer.choices[0][0]


def _review(sheet: Sheet, data: dict[str, Any], *, status: int = 200) -> tuple[str, int]:
    """The record as it will be sealed. A record that cannot be made sends the words back."""
    act, thing = sheet.act, sheet.thing
    try:
        if thing is not None and act.possible and sheet.refusal is None:
            act.possible(thing)
        about = [] if thing is None else [thing]
        record = act.record(*about, **data) if act.record else {}
        entries = marked_first(told(act.reading(*about, **data))) if act.reading else []
        beside_them = told(act.beside(*about, **data)) if act.beside else []
    except Refused as refusal:
        sheet.refusal = sheet.refusal or refusal
        if refusal.field:
            sheet.wrong[refusal.field] = refusal.sentence
        return _draw(sheet, status=refusal.status)
    digest, person = show_record(record, at=clock.now()), actor()
    seen = sheet.typed.get("seen", digest)
    if sheet.refusal and seen != digest:  # whatever the reason: this is what came in between
        sheet.refusal.difference = changed_since(seen, record)
    asked = factors.ask(person, acts.signing_statement(act, sheet.code, digest))
    asked_second = act.witnessed and factors.ask_second(
        person, acts.second_statement(act, sheet.code, data, person))
    kept = [(name, text) for name, text in sheet.typed.items(multi=True) if name not in CONTROLS]
    return render_template(
        "sign.html", act=act, thing=thing, record=chain.plain(record), kept=kept,
        digest=digest, entries=entries, unproven=beside_them, refusal=sheet.refusal, key=_key(sheet),
        asked=asked, asked_second=asked_second), status


def _key(sheet: Sheet) -> str:
    return sheet.typed.get("key") or secrets.token_urlsafe(18)


def _listed(drawn: list[forms.Box], wrong: dict[str, str]) -> list[tuple[str, str, str]]:
    """(anchor, label, sentence) of every error, for the summary above the form."""
    flat = [box for box in drawn] + [inner for box in drawn for row in box.rows for inner in row]
    known = {box.name: box for box in flat}
    return [(known[name].anchor if name in known else "form",
             known[name].label if name in known else name, sentence)
            for name, sentence in wrong.items()]
