"""What can be done, as pages offer it: to a thing, beside it, and to begin something."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from mscbank import acts
from mscbank.errors import Refused
from mscbank.things import Thing
from specs.judge import Outcome

# Acts that begin something about another thing: where they stand, the box its code goes into, and
# of which kinds (nothing: of any that is no person, alert, file, deviation or action itself).
ABOUT: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("samples", "take-sample", "taken_from", ("cultures", "lots", "bags")),
    ("attachments", "attach", "about", ()),
    ("deviations", "open-deviation", "about", ()))
# What ends a thing or sets it apart: never the first button, and never coloured as the next step.
ENDING = ("cancel", "discard", "destroy", "void", "reject", "end", "withdraw", "block", "hold",
          "use", "declare", "stop", "take", "return", "reprint", "enter")
# The verdict alone offers a start, for sixty seconds: on a bag's page a button of that name would
# be pressed for it.
THE_VERDICTS = "start"
# What stands in the way by its reason: the act on the same thing that clears it, or else the part of
# the thing's page that tells it; of criteria the reason ends with the outcome.
CLEARED_BY = {"trail not reviewed": "review trail"}
TOLD_UNDER = {"held": "open", "deviation open": "open", "investigation open": "criteria"} | {
    each.value: "criteria" for each in Outcome}
NOTHING_ABOUT = ("people", "alerts", "attachments", "deviations", "actions", "trail-reviews")


def address_of(act: acts.Act, thing: Thing | None = None, **prefilled: Any) -> str:
    """The form of an act; further words prefill its boxes."""
    if thing is None:
        return url_for("web.begin", room=act.place, slug=act.slug, **prefilled)
    return url_for("web.act", place=act.place, code=thing.code, slug=act.slug, **prefilled)


def possibilities(thing: Thing) -> list[dict[str, Any]]:
    """What can be done to a thing: each act, its form, and why not now or not by this person.
    What ends it comes last."""
    found = []
    for act in acts.acts_on(thing):
        if act.name == THE_VERDICTS:
            continue
        mine = bool(g.actor) and g.actor.may(act.needs(thing))
        found.append({"act": act, "address": address_of(act, thing), "mine": mine,
                      "ends": act.name.split()[0] in ENDING,
                      "why_not": acts.why_not(act, thing, g.actor) if mine else None})
    return sorted(found, key=lambda one: one["ends"])


def ways_on(refusal: Refused, thing: Thing | None) -> list[tuple[str, str]]:
    """What this person can do next where an act was refused: (words, address)."""
    found: dict[str, str] = {}
    by_name = {act.name: act for act in acts.acts_on(thing)} if thing is not None else {}
    for reason in refusal.reasons if thing is not None else ():
        act = by_name.get(CLEARED_BY.get(reason, ""))
        if act is not None and g.actor.may(act.needs(thing)) and not acts.why_not(act, thing, g.actor):
            found.setdefault(act.name, address_of(act, thing))
        elif part := TOLD_UNDER.get(reason) or TOLD_UNDER.get(reason.split()[-1]):
            found.setdefault("see what is missing", url_for(
                "web.thing", place=thing.SLUG, code=thing.code) + f"#{part}")
    return list(found.items())


def about(thing: Thing) -> list[dict[str, Any]]:
    """What can be begun about a thing by this person, the form filled with its code."""
    found = []
    for place, slug, box, kinds in ABOUT:
        act = acts.catalogue()[place, slug]
        if g.actor and g.actor.may(act.permission) and thing.SLUG not in NOTHING_ABOUT and (
                not kinds or thing.SLUG in kinds):
            found.append({"act": act, "address": address_of(act, **{box: thing.code})})
    return found


def beginnings(*rooms: str) -> list[dict[str, Any]]:
    """The acts of these rooms that begin something and that this person may do."""
    return [{"act": act, "address": address_of(act)} for act in acts.catalogue().values()
            if act.on is None and act.room in rooms and g.actor and g.actor.may(act.permission)]
