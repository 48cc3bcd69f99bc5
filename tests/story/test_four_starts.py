"""Four nurses press start for one bag at the same moment, over HTTP: one starts, three are told."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import sqlalchemy as sa

from labels import housecode
from mscbank.demo.people import PASSWORD
from tests.story.conftest import Told, by_workers


def call(url: str, token: str, body: dict | None = None, key: str = "") -> tuple[int, dict]:
    """One request; status and answer."""
    request = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        | ({"Idempotency-Key": key} if key else {}))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def waiting(told: Told) -> tuple[str, str]:
    """The label on the first bag that lies thawed on the ward, and its recipient's wristband."""
    engine = sa.create_engine(told.url)
    with engine.connect() as connection:
        row = connection.execute(sa.text(
            "SELECT bag.code, wristband.code, label_copy.number FROM bag JOIN lot ON lot.id = "
            "bag.lot_id JOIN wristband ON wristband.recipient_id = lot.recipient_id JOIN "
            "label_copy ON label_copy.bag_id = bag.id WHERE bag.place = 'received' AND "
            "wristband.ended_at IS NULL AND label_copy.voided_at IS NULL ORDER BY bag.number"
        )).first()
    engine.dispose()
    assert row
    return housecode.copy_text(row[0], row[2]), row[1]


def test_four_starts_at_once_and_one_infusion(told: Told) -> None:
    token = told.run("token", "create", "ines").stdout.strip()
    label, band = waiting(told)
    code = housecode.parse(label).code
    with by_workers(told.folder, told.url, "--workers", "2", "--threads", "4") as site:
        api = f"{site}/api/v1"
        status, told_so = call(f"{api}/verdict?bag={label}&recipient={band}", token)
        assert (status, told_so["verdict"]) == (200, "go"), told_so
        status, checked = call(f"{api}/bags/{code}/check", token, {
            "data": {"wristband": band, "label": label, "wristband_again": band,
                     "label_again": label},
            "second": {"username": "samir", "password": PASSWORD}}, "bedside-check-1")
        assert status in (200, 201) and checked["verdict"] == "go", checked
        answers: list[tuple[int, dict]] = []
        together = threading.Barrier(4)

        def start(number: int) -> None:
            together.wait()
            answers.append(call(f"{api}/bags/{code}/start", token,
                                {"data": {"token": checked["token"]}}, f"bedside-start-{number}"))

        threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done = [answer for status, answer in answers if status in (200, 201)]
        refused = [answer for status, answer in answers if status == 409]
        assert (len(done), len(refused)) == (1, 3), answers
        assert all("start" in answer["error"]["sentence"] for answer in refused)
        status, told_so = call(f"{api}/verdict?bag={label}&recipient={band}", token)
        assert told_so["verdict"] == "already done"
    assert told.run("audit", "verify").returncode == 0
