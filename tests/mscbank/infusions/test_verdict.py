"""The law of the bedside against its truth table, and the table against planted faults."""

from __future__ import annotations

import ast
import inspect
import itertools
import random
import types
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from mscbank.infusions import rules
from mscbank.infusions.findings import ABSENT, Facts, Reason, Word
from tests.mscbank.infusions import table
from tests.mscbank.infusions.table import GOOD


@pytest.fixture(scope="module")
def small() -> list[Facts]:
    return list(table.small())


def test_the_verdict_is_the_tables_in_every_group_and_pair(small: list[Facts]) -> None:
    assert len(small) > 10_000
    wrong = [facts for facts in small if table.differs(rules.verdict, rules.word_for, facts)]
    assert wrong[:3] == []


def test_the_verdict_is_the_tables_with_all_facts_together() -> None:
    checked = 0
    for facts in table.large():
        assert not table.differs(rules.verdict, rules.word_for, facts), facts
        checked += 1
    assert checked > 40_000


def test_every_reason_and_every_word_can_be_met(small: list[Facts]) -> None:
    reasons: set[Reason] = set()
    words: set[Word] = set()
    for facts in small:
        found, word = table.expected(facts)
        reasons |= found
        words.add(word)
    assert reasons == set(Reason)
    assert words == set(Word)


def test_only_the_empty_list_is_a_yes(small: list[Facts]) -> None:
    for facts in small:
        findings = rules.verdict(facts)
        assert (rules.word_for(findings, facts) == Word.GO) == (findings == [])


def test_good_facts_give_a_go() -> None:
    assert rules.verdict(GOOD) == []


@pytest.mark.parametrize("name", [field.name for field in fields(Facts)
                                  if field.name not in ABSENT | {"at", "asked", "unread"}])
def test_a_fact_that_could_not_be_found_out_is_never_a_yes(name: str) -> None:
    findings = rules.verdict(replace(GOOD, **{name: None}))
    assert Reason.CANNOT_TELL in {finding.reason for finding in findings}
    assert any(rules.IN_WORDS[name] in finding.sentence for finding in findings)


def test_every_fact_stands_in_the_table() -> None:
    assert {field.name for field in fields(Facts)} == {"at", *table.VALUES}


def test_every_reason_is_told_in_a_sentence_with_what_to_do(small: list[Facts]) -> None:
    for facts in small:
        for finding in rules.verdict(facts):
            assert finding.sentence.endswith(".") and len(finding.sentence) > 8
            assert "None" not in finding.sentence


def test_a_bag_begun_for_another_is_a_stop_and_not_done() -> None:
    begun = replace(GOOD, started=True, started_for="R-002", band_is_of="R-001")
    assert rules.word_for(rules.verdict(begun), begun) == Word.STOP


def test_the_dose_is_told_in_numbers() -> None:
    facts = replace(GOOD, ordered_cells=140_000_000)
    assert rules.verdict(facts)[0].sentence.startswith(
        "70 kg × 1 x 10^6 cells/kg = 70 x 10^6 cells; the bags ordered give 140 x 10^6")


# --- the test of the test: planted faults, each found by the table ------------------------------

class Fault(ast.NodeTransformer):
    """Plants the fault number ``wanted`` of those it can think of, counting as it goes."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.told = wanted, -1, ""

    def _here(self, node: ast.AST, what: str) -> bool:
        self.seen += 1
        if self.seen == self.wanted:
            self.told = f"line {node.lineno}: {what}"  # type: ignore[attr-defined]
        return self.seen == self.wanted

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for other in OTHERS[type(node.ops[0])]:
            if self._here(node, f"{type(node.ops[0]).__name__} -> {other.__name__}"):
                node.ops[0] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        for place in range(len(node.values)):
            if self._here(node, f"part {place} left out"):
                kept = node.values[:place] + node.values[place + 1:]
                return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)
        if self._here(node, "and <-> or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        for always in (True, False):
            if self._here(node, f"if -> {always}"):
                node.test = ast.Constant(always)
        return node

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        for place in range(len(node.elts)):
            if self._here(node, f"item {place} left out"):
                node.elts = node.elts[:place] + node.elts[place + 1:]
                return node
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "Reason":
            if self._here(node, f"{node.attr} -> another reason"):
                node.attr = "HELD" if node.attr != "HELD" else "EXPIRED"
        return node


OTHERS = {
    ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt), ast.LtE: (ast.Lt, ast.Gt),
    ast.Lt: (ast.LtE, ast.Gt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}
DECIDING = ("verdict", "word_for", "_unknown", "_begun", "_person", "_order", "_weight", "_dose",
            "_lot", "_bag", "_way", "_gap", "_label", "_people")


def with_fault(number: int) -> tuple[str, types.ModuleType]:
    """The rule with this fault in it, and what the fault is; nothing when there are not so many."""
    tree, fault = ast.parse(inspect.getsource(rules)), Fault(number)
    tree.body = [fault.visit(node) if isinstance(node, ast.FunctionDef)
                 and node.name in DECIDING else node for node in tree.body]
    faulty = types.ModuleType("faulty")
    exec(compile(ast.fix_missing_locations(tree), fault.told or "sound", "exec"), faulty.__dict__)
    return fault.told, faulty


def faults() -> Iterator[tuple[str, types.ModuleType]]:
    """The rule with one fault in it, each time another."""
    for number in itertools.count():
        told, faulty = with_fault(number)
        if not told:
            return
        yield told, faulty


def test_the_rule_without_a_fault_passes_where_the_faults_are_sought(small: list[Facts]) -> None:
    told, sound = with_fault(10**6)
    assert told == ""
    assert not any(table.differs(sound.verdict, sound.word_for, facts) for facts in small)


def test_every_fault_planted_in_the_rule_is_found_by_the_table(small: list[Facts]) -> None:
    said = [(facts, table.expected(facts)) for facts in small]
    random.Random(1).shuffle(said)  # a fault is met early wherever its rows stand
    planted, missed = 0, []
    for told, faulty in faults():
        planted += 1
        if not any(table.differs(faulty.verdict, faulty.word_for, facts, word)
                   for facts, word in said):
            missed.append(told)
    assert planted > 100
    assert missed == []


def test_scans_count_as_long_as_the_protocol_says_and_five_minutes_at_the_most() -> None:
    assert [rules.scans_valid(minutes).total_seconds() / 60 for minutes in (1, 3, 5, 30)] == [
        1, 3, 5, 5]
