"""Who may do what with a recipient: the service asks, whatever the door did."""

import pytest

from mscbank.permissions import Role
from mscbank.recipients.acts import ACTS
from tests.stages.doors import roles_let_through

P, N, C = Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR
WHO = {"enrol": {P, C}, "consent": {P, C}, "withdraw consent": {P, C}, "assess": {P},
       "consent to amendment": {P, C}, "score skin": {P}, "classify disease": {P},
       "record finding": {P}, "waive criterion": {P}, "screen out": {P},
       "pause trial": {Role.QUALITY, P, C}, "resume trial": {C},
       "allocate": {P}, "weigh": {P, N}, "issue wristband": {P, N, C}}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_only_these_roles_may(act):
    assert roles_let_through(act) == WHO[act.name]


def test_no_act_is_left_out():
    assert {act.name for act in ACTS} == set(WHO)
