"""Pages that look over the whole chain: recall, and the alerts."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.permissions import Permission
from mscbank.reports import alerts as all_alerts
from mscbank.reports.people import who
from mscbank.reports.recall import recall as recalled
from mscbank.reports.recall_bags import as_csv
from mscbank.web import actor, needs

pages = Blueprint("reports", __name__)


@pages.get("/recall/<code:code>")
@needs(Permission.READ_RECORDS)
def recall(code: str) -> str:
    """Everything before and after a thing, each bag's place, every person affected."""
    return render_template("reports/recall.html", found=recalled(things.by_code(code)))


@pages.get("/recall/<code:code>.csv")
@needs(Permission.READ_RECORDS)
def recall_csv(code: str) -> Response:
    """The bags of the page as a file."""
    found = recalled(things.by_code(code))
    answer = Response(as_csv(found.bags), content_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = f'attachment; filename="recall-{found.start.code}.csv"'
    return answer


@pages.get("/alerts/")
@needs(Permission.ACKNOWLEDGE_ALERT)
def alerts() -> str:
    """Alerts, those nobody has read first; to an administrator only their own."""
    person = actor()
    roles = None if person.may(Permission.READ_RECORDS) else person.roles
    return render_template("reports/alerts.html", waiting=all_alerts.waiting(roles),
                           read=all_alerts.read(roles), who=who)
