"""Quality control: samples on their way, results with what became of them, investigations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reportlab.platypus import Flowable, Spacer

from mscbank.database import plain_decimal
from mscbank.release.models import Action, Deviation
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import section
from mscbank.reports.certificate import results_table
from mscbank.rules import day_told
from mscbank.testing.models import Investigation, Result, Sample


def samples(family: Family) -> list[Flowable]:
    """Each sample: from what, when, where to, and every hand it went through."""
    return [paper.grid_or(
        "No sample was taken.", ("Sample", "Taken from", "Taken", "For", "Its way"),
        [(paper.marked('<b>{}</b><br/><font size="6">{}</font>',
                       family.name(each.code).removeprefix("sample "), each.code),
          f"{family.name(each.taken_from)}, {each.stage}"
          + (f", {paper.number(each.volume_ml, 'mL')}" if each.volume_ml else ""),
          f"{paper.moment_here(each.taken_at)} by {family.person(each.recorded_by_id)}",
          each.destined, _way(family, each)) for each in family.samples], (34, 28, 30, 26, 46))]


def _way(family: Family, sample: Sample) -> paper.Marked:
    steps = [paper.marked(
        "{}: {}{} ({})", paper.moment_here(move.moved_at), move.kind,
        f" {move.laboratory}, {move.condition}" if move.laboratory else f": {move.reason}",
        family.person(move.recorded_by_id)) for move in sample.moves]
    return paper.Marked("<br/>".join(steps) or "stays here")


def results(family: Family) -> list[Flowable]:
    """The specification beside the results, then every result as it was written down."""
    people = {id_: account.username for id_, account in family.accounts.items()}
    return [
        results_table(family.lot, family.findings, family.results, people),
        *section("Every result, in the order of recording", _every_result(family)),
        *section("Files", paper.grid_or(
            "No file was attached.", ("File", "Kind and size", "On", "sha256", "By"),
            [(each.file_name, f"{each.media_type}, {paper.number(each.size)} bytes",
              family.name(each.about), paper.marked('<font size="6">{}</font>', each.sha256),
              f"{family.person(each.recorded_by_id)}, {paper.moment_here(each.recorded_at)}")
             for each in family.attachments], (34, 28, 26, 46, 30))),
        *section("Investigations of results out of specification",
                 *([block for each in family.investigations
                    for block in _investigation(family, each)]
                   or [paper.words("No result was investigated.")])),
    ]


def _every_result(family: Family) -> Flowable:
    corrections = {each.corrects_id: each for each in family.results if each.corrects_id}
    return paper.grid_or(
        "No result was recorded.", ("Test", "Result", "Method, laboratory", "Performed", "By"),
        [(paper.marked('<b>{}</b><br/><font size="7">{}, {}</font>', each.test_name,
                       family.name(each.sample.code), each.sample.stage),
          _amount(family, each, corrections.get(each.id)),
          f"{each.method}, {each.laboratory}", paper.moment_here(each.performed_at),
          f"{family.person(each.recorded_by_id)} {paper.moment_here(each.recorded_at)}"
          + (f"; confirmed by {family.person(each.confirmed_by_id)} "
             f"{paper.moment_here(each.confirmed_at)}" if each.confirmed_at else ""))
         for each in family.results], (32, 48, 30, 22, 32))


def _amount(family: Family, result: Result, correction: Result | None) -> paper.Marked:
    parts: list[str] = []
    if correction:
        parts.append(paper.struck(result.amount, family.person(correction.recorded_by_id),
                                  correction.recorded_at, correction.reason))
    elif result.investigation and result.investigation.sets_aside:
        parts.append(paper.marked("<strike>{}</strike>  <b>set aside</b>: {}", result.amount,
                                  result.investigation.number))
    else:
        parts.append(paper.marked("<b>{}</b>", result.amount))
    if result.replicates:
        parts.append(paper.marked('<font size="7">mean of {}</font>', "; ".join(
            plain_decimal(each.value) for each in result.replicates)))
    if result.corrects_id:
        parts.append(paper.marked('<font size="7">in place of the one struck above: {}</font>',
                                  result.reason))
    if result.retest_of_id:
        parts.append(paper.marked('<font size="7">retest</font>'))
    return paper.Marked("<br/>".join(parts))


def _investigation(family: Family, each: Investigation) -> Iterator[Flowable]:
    answers = {answer.point: answer for answer in each.answers}  # the latest of a point stands
    yield paper.facts([
        (each.number, (f"{each.result.title}, opened {paper.when(each.recorded_at)} by "
                      f"{family.person(each.recorded_by_id)}")),
        ("Observed", each.observed),
        *((point.capitalize(), ("in order" if answer.in_order else "NOT IN ORDER")
           + (f": {answer.words}" if answer.words else "")
           + f" ({family.person(answer.recorded_by_id)})") for point, answer in answers.items()),
    ])
    yield Spacer(1, 1.5 * paper.mm)
    if each.concluding_signature_id is None:
        yield paper.unsigned(f"{each.number} is OPEN", "It keeps the lot from its release.",
                             alarm=True)
        return
    given = family.signatures[each.concluding_signature_id]
    yield paper.signature(given, paper.cover(paper.unaltered(given, each)),
                          act=f"{each.number}: {each.outcome}", reason=each.conclusion)


def deviations(family: Family) -> list[Flowable]:
    """What did not go as written: causes, actions, and the conclusion."""
    if not family.deviations:
        return [paper.words("No deviation was opened.")]
    return [block for each in family.deviations for block in _deviation(family, each)]


def _deviation(family: Family, each: Deviation) -> Iterator[Flowable]:
    yield from section(f"{each.number}, {each.severity}", paper.facts([
        ("About", family.name(each.about)),
        ("What", each.what),
        ("Opened", (f"{paper.when(each.recorded_at)} by {family.person(each.recorded_by_id)}; "
                   f"to be closed until {paper.moment_here(each.due_at)}")),
        *(("Severity", paper.marked("<strike>{}</strike> <b>{}</b> by {}, {}: {}", change.was,
                                    change.severity, family.person(change.recorded_by_id),
                                    paper.moment_here(change.recorded_at), change.reason))
          for change in each.classifications),
        *(pair for found in each.investigations for pair in (
            (f"Cause ({found.method})", (f"{found.root_cause} "
             f"({family.person(found.recorded_by_id)}, {paper.moment_here(found.recorded_at)})")),
            ("For the product", found.product_impact), ("For other lots", found.other_lots))),
    ]), Spacer(1, 1.5 * paper.mm))
    if each.actions:
        yield _actions(family, each.actions)
        yield Spacer(1, 2 * paper.mm)
    if each.closing_signature_id is None:
        yield paper.unsigned(f"{each.number} is OPEN", "A major or critical one keeps the lot from "
                             "its release.", alarm=True)
        return
    given = family.signatures[each.closing_signature_id]
    yield paper.signature(given, paper.cover(paper.unaltered(given, each)),
                          act=f"{each.number} was closed", reason=each.conclusion)


def _actions(family: Family, actions: Sequence[Action]) -> Flowable:
    return paper.grid(
        ("Action", "What", "Owner, due", "Done", "Verified"),
        [(f"{action.number}, {action.kind}", action.what,
          f"{family.person(action.owner_id)}, {day_told(action.due_on)}",
          f"{paper.moment_here(action.done_at)}: {action.done}" if action.done_at
          else paper.marked("<b>NOT DONE</b>"),
          f"{'works' if action.effective else 'DOES NOT WORK'}, "
          f"{family.person(action.verified_by_id)}, {paper.moment_here(action.verified_at)}: "
          f"{action.verification}" if action.verified_at else paper.marked("<b>NOT VERIFIED</b>"))
         for action in actions], (20, 36, 24, 36, 44))
