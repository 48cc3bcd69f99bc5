"""Sealed texts open for the right person and field, with the right key, and for nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mscbank.identities import vault

MASTER = bytes(range(32))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_what_was_sealed_opens_as_it_was(value):
    key = vault.new_key()
    assert vault.unseal(key, "RX1", "name", vault.seal(key, "RX1", "name", value)) == value


def test_a_wrapped_key_opens_as_it_was():
    key = vault.new_key()
    assert vault.unwrap(MASTER, "RX1", vault.wrap(MASTER, "RX1", key)) == key


@pytest.mark.parametrize(("subject", "field"), [("RX2", "name"), ("RX1", "birth date"),
                                                ("RX1\0name", ""), ("", "RX1\0name")])
def test_a_value_moved_to_another_person_or_field_does_not_open(subject, field):
    key = vault.new_key()
    sealed = vault.seal(key, "RX1", "name", "Jeanne Lambert")
    with pytest.raises(vault.DoesNotOpen):
        vault.unseal(key, subject, field, sealed)


def test_a_key_moved_to_another_person_does_not_open():
    wrapped = vault.wrap(MASTER, "RX1", vault.new_key())
    with pytest.raises(vault.DoesNotOpen):
        vault.unwrap(MASTER, "RX2", wrapped)


def test_another_master_key_opens_nothing():
    wrapped = vault.wrap(MASTER, "RX1", vault.new_key())
    with pytest.raises(vault.DoesNotOpen):
        vault.unwrap(bytes(32), "RX1", wrapped)


def test_every_changed_byte_is_noticed():
    key = vault.new_key()
    sealed = vault.seal(key, "RX1", "name", "Jeanne Lambert")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1:]
        with pytest.raises(vault.DoesNotOpen):
            vault.unseal(key, "RX1", "name", changed)


@pytest.mark.parametrize("length", [0, 1, 12, 27])
def test_a_cut_text_does_not_open(length):
    key = vault.new_key()
    with pytest.raises(vault.DoesNotOpen):
        vault.unseal(key, "RX1", "name", vault.seal(key, "RX1", "name", "J")[:length])


def test_the_same_value_is_never_sealed_the_same_way_twice():
    key = vault.new_key()
    assert vault.seal(key, "RX1", "name", "J") != vault.seal(key, "RX1", "name", "J")
