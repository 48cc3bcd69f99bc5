"""Who may do what with a harvest: the service asks, whatever the door did."""

import pytest

from mscbank.harvests.acts import ACTS
from mscbank.permissions import Role
from tests.stages.doors import roles_let_through

P, N, T = Role.PHYSICIAN, Role.NURSE, Role.TECHNICIAN
WHO = {"harvest": {P, N}, "dispatch": {P, N}, "receive harvest": {T}}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_only_these_roles_may(act):
    assert roles_let_through(act) == WHO[act.name]


def test_no_act_is_left_out():
    assert {act.name for act in ACTS} == set(WHO)
