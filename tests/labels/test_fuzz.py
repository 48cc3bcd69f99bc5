import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import housecode

from . import fuzz

texts = st.one_of(st.text(max_size=80), st.randoms(use_true_random=False).map(fuzz.garbled))


@settings(max_examples=3000, deadline=None)
@given(texts)
def test_no_text_makes_a_reader_fail_otherwise_than_by_refusing(text):
    for reader in fuzz.READERS:
        assert fuzz.judged(text, reader) in ("accepted", "refused")


def test_the_long_run_accepts_and_refuses_by_every_reader():
    seen, wrong = fuzz.run(6000, seed=7)
    assert wrong == [] and sum(seen.values()) == 6000
    assert {name for name, *_ in fuzz.READERS} == {line.split(":")[0] for line in seen}
    assert len(seen) == 2 * len(fuzz.READERS)


@pytest.mark.parametrize("reader, what", [
    (("x", lambda text: text[5], housecode.CodeError), "IndexError"),
    (("x", lambda text: "B" * 20, housecode.CodeError), "is not what was written")])
def test_a_reader_that_breaks_or_makes_something_up_is_noticed(reader, what):
    assert what in fuzz.judged("BX", reader)
    assert fuzz.garbled(random.Random(1)) == fuzz.garbled(random.Random(1))
