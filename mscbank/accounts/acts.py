"""The acts of this room."""

from __future__ import annotations

from mscbank.accounts import alerts, enrolment, schemas, service
from mscbank.accounts.models import Account, Alert
from mscbank.acts import Act
from mscbank.clock import now
from mscbank.permissions import Permission
from mscbank.signatures.meanings import Meaning

ACTS: tuple[Act, ...] = (
    Act("acknowledge alert", Permission.ACKNOWLEDGE_ALERT, alerts.acknowledge, on=Alert,
        meaning=Meaning.ALERT_ACKNOWLEDGED, record=alerts.alert_record,
        possible=alerts.can_acknowledge),
    Act("note alert", Permission.ACKNOWLEDGE_ALERT, alerts.note, on=Alert,
        possible=alerts.can_note),
    Act("give role", Permission.KEEP_ACCOUNTS, service.give_role, on=Account,
        schema=schemas.GivenRoleSchema, possible=service.not_ended),
    Act("take role", Permission.KEEP_ACCOUNTS, service.take_role, on=Account,
        schema=schemas.RoleSchema, possible=service.not_ended),
    Act("end account", Permission.KEEP_ACCOUNTS, service.end_account, on=Account,
        schema=schemas.ReasonSchema, possible=service.not_ended),
    Act("report lost credential", Permission.KEEP_ACCOUNTS, enrolment.report_loss, on=Account,
        schema=schemas.LossSchema, possible=enrolment.can_report),
)

# Done from pages of their own: what they tell is told once and kept nowhere, and an answer of an
# act in the catalogue is kept for a retry.
ADD = Act("add account", Permission.KEEP_ACCOUNTS, enrolment.add_person, room="people",
          schema=schemas.PersonSchema)
GIVE_CODE = Act("give enrolment code", Permission.KEEP_ACCOUNTS, enrolment.give_code, on=Account,
                possible=enrolment.can_give_code)
CONFIRM = Act("confirm lost credential", Permission.CONFIRM_LOST_CREDENTIAL,
              enrolment.confirm_loss, on=Account,
              possible=lambda account: enrolment.can_confirm(account, now()) and None)
