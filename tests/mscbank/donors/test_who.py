"""Who may do what with a donor: the service asks, whatever the door did."""

import pytest

from mscbank.donors.acts import ACTS
from mscbank.permissions import Role
from tests.stages.doors import roles_let_through

P, T, C = Role.PHYSICIAN, Role.TECHNICIAN, Role.COORDINATOR
WHO = {"enrol donor": {P, C}, "consent": {P, C}, "withdraw consent": {P, C},
       "record marker": {P, T, C}, "correct marker": {P, T, C}, "type HLA": {P, T, C},
       "find eligible": {P}, "accept by exception": {P}, "find not eligible": {P}}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_only_these_roles_may(act):
    assert roles_let_through(act) == WHO[act.name]


def test_no_act_is_left_out():
    assert {act.name for act in ACTS} == set(WHO)
