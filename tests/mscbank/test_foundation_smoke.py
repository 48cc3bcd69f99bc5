from sqlalchemy import text
import pytest
from mscbank import clock
from mscbank.database import session, transaction, Unrecorded
from tests.cast import Cast
from mscbank.accounts.models import Account

def test_the_cast_is_written_with_entries(bank):
    cast = Cast()
    assert session.scalar(text("select count(*) from audit_entry")) == 9
    assert session.scalar(text("select sequence from audit_head")) == 9
    assert session.scalar(text("select act from audit_entry where sequence=3")) == "account added"

def test_a_change_without_an_entry_is_refused(bank):
    cast = Cast()
    with pytest.raises(Unrecorded):
        with transaction():
            session.get(Account, cast.tessa.id).name = "Someone"
    session.rollback()
    for attack in ("update account set name='x' where id=1", "delete from account where id=1",
                   "delete from audit_entry where sequence=2", "update audit_entry set body='{}' where sequence=2",
                   "update audit_head set sequence=4"):
        with pytest.raises(Exception):
            session.execute(text(attack)); session.commit()
        session.rollback()
