"""The phone on which nobody pressed: it hears that the go it shows was used."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import db, session, transaction
from mscbank.infusions import checking, service
from tests.cast import Cast
from tests.stages.infusions import Bedside, bedside, checked


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def begun(cast: Cast, beside: Bedside, token: str | None) -> str:
    with transaction():
        return service.start(beside.bag, token or "", by=cast.nadia, at=clock.now()).code


def test_the_sign_of_life_says_whether_the_go_that_is_shown_still_stands(
        browse, cast: Cast, beside: Bedside) -> None:
    stranger = browse()
    stop = checked(cast, beside, wristband_again="rubbish").code
    go = checked(cast, beside)

    def told(check: str) -> dict[str, object]:
        return stranger.get(f"/health?check={check}").json

    assert "stands" not in stranger.get("/health").json  # the control: nothing was asked
    assert told(go.code)["stands"] is True and set(told(go.code)) == {"status", "at", "stands"}
    for other in (stop, "BCBBBBBBBBBBBBBBBBBB", "'", "%", "x" * 500):
        assert told(other)["stands"] is False
    second = checked(cast, beside)
    begun(cast, beside, go.token)
    assert told(go.code)["stands"] is False
    assert told(second.code)["stands"] is False, "of the same bag, whichever go was used"


def test_it_is_asked_by_one_look_up_in_an_index(bank, browse, cast: Cast, beside: Bedside) -> None:
    code, said = checked(cast, beside).code, []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    stranger = browse()
    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert stranger.get(f"/health?check={code}").json["stands"] is True
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    assert len(said) == 1 and "bedside_check" in said[0]
    if db.engine.dialect.name == "sqlite":  # PostgreSQL reads small tables whole
        asked = checking.STANDS.params(code=code).compile(
            db.engine, compile_kwargs={"literal_binds": True})
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
        assert [step.detail.split()[0] for step in plan] == ["SEARCH"] * 4


def test_the_answer_of_a_used_go_leads_who_started_to_the_infusion_and_stops_the_other(
        browse, cast: Cast, beside: Bedside) -> None:
    go = checked(cast, beside)
    nadia, noel = browse("nadia"), browse("noel")
    here = f"/bedside/answer/{go.code}"
    assert "data-stands" in noel.get(here).text  # the control: the go, with its start
    infusion = begun(cast, beside, go.token)
    assert nadia.get(here).location == f"/infusions/{infusion}"
    page = noel.get(here).text
    assert "Already done" in page and "started meanwhile" in page
    assert "/bedside/start" not in page and "data-stands" not in page
    assert f'href="/infusions/{infusion}"' in page
