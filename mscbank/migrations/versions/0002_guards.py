"""Guards: what the database itself refuses, whoever asks.

The trail grows only at its end. A row of the record is written only under the next entry's number
and never deleted. What was written once stays. Bags and lots move along the wall charts. No bag
starts into the wrong person, unreleased, held, expired, or without a go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WRITE_ONCE = (
    "csv_shape", "imported_row", "instrument_import",
    "adverse_event", "event_information", "expedited_report", "laboratory_value", "study_export",
    "attachment", "checklist_answer", "content", "replicate", "sample_move",
    "assessment", "criterion_finding", "screening_failure", "waiver", "culture_count", "culture_note", "decision", "derivation",
    "deviation_classification", "deviation_investigation", "donor_decision", "exception_request", "follow_up_end", "half_check", "hla_typing",
    "label_reconciliation", "marker", "observation", "ordered_bag", "paper_start",
    "opinion", "reaction", "reagent_use", "signature", "temperature", "trail_review", "visit",
    "weight",
)
FROZEN = {  # columns that never change once the row stands
    "result": ("sample_id", "lot_id", "test", "pending", "value", "qualifier", "word", "unit",
               "method", "performed_at", "recorded_by_id", "corrects_id", "reason", "test_name",
               "laboratory", "retest_of_id"),
    "laboratory": ("name", "kind", "since"),
    "test_method": ("name", "measures", "unit", "since"),
    "investigation": ("number", "result_id", "observed", "recorded_by_id", "recorded_at"),
    "alert": ("code", "role", "about", "sentence", "raised_at", "signed"),
    "deviation": ("code", "number", "about", "what", "recorded_by_id", "recorded_at"),
    "deviation_action": ("code", "deviation_id", "number", "kind", "what", "owner_id", "due_on",
                         "recorded_by_id", "recorded_at"),
    "challenge": ("account_id", "purpose", "until_at"),
    "role_held": ("account_id", "role", "from_at"),
    "enrolment_code": ("account_id", "digest", "given_by_id", "given_at", "until_at"),
    "lost_credential": ("account_id", "asked_by_id", "asked_at", "identity_check"),
    "passkey": ("account_id", "credential_id", "public_key", "registered_at"),
    "time_code": ("account_id", "secret", "begun_at"),
    "bag": ("code", "lot_id", "number", "volume_ml", "viable_cells", "expires_at"),
    "cryo_unit": ("code", "culture_id", "number", "units", "viable_cells", "volume_ml",
                  "frozen_at", "expires_at"),
    "bedside_check": ("bag_id", "wristband_id", "second_id", "verdict", "reasons", "told",
                      "first_half_id", "second_half_id", "token_digest", "token_until"),
    "lot": ("number", "harvest_id", "recipient_id", "specification", "specification_digest",
            "filled_at"),
    "harvest": ("din", "donor_id"),
    "donor": ("recipient_id", "number"),
    "recipient": ("number", "trial"),
    "recipient_consent": ("recipient_id", "protocol", "document", "given_on"),
    "allocation": ("recipient_id", "trial", "protocol", "number", "cohort", "dose_per_kg"),
    "trial_pause": ("code", "trial", "protocol", "why", "events", "recorded_by_id", "recorded_at"),
    "infusion": ("bag_id", "order_id", "recipient_id", "check_id", "paper_id", "started_at",
                 "not_before"),
    "sample": ("taken_from", "lot_id", "stage"),
    "wristband": ("recipient_id",),
    "label_copy": ("bag_id", "number", "content", "about", "kind", "part", "replaces_id", "reason"),
    "label_job": ("kind", "stock", "language", "used", "pdf_digest", "tag_digest"),
    "label_print": ("copy_id", "piece", "printer_id", "zpl_digest"),
    "printer": ("code", "name", "place", "dpi", "host", "port"),
    "infusion_order": ("recipient_id", "dose_per_kg", "weight_kg", "target_cells", "signature_id"),
}
SET_ONCE = {  # columns that are set once and stay
    "alert": ("acknowledged_at", "acknowledged_by_id", "signature_id"),
    "deviation_action": ("done", "done_at", "done_by_id", "effective", "verification",
                         "verified_at", "verified_by_id"),
    "challenge": ("used_at",),
    "enrolment_code": ("used_at",),
    "lost_credential": ("confirmed_at", "confirmed_by_id"),
    "passkey": ("ended_at",),
    "time_code": ("confirmed_at", "ended_at"),
    "allocation": ("given_up_at", "given_up_why"),
    "recipient_consent": ("withdrawn_at",),
    "trial_pause": ("resumed_at", "signature_id", "decision", "board_met_on"),
    "bag": ("frozen_at", "thawed_at", "thaw_expires_at"),
    "cryo_unit": ("thawed_at", "viable_thawed"),
    "bedside_check": ("token_used_at",),
    "deviation": ("closed_at", "closing_signature_id", "conclusion"),
    "excursion": ("judged_at", "signature_id"),
    "harvest": ("received_at", "nucleated_cells", "viability"),
    "hold": ("lifted_at", "lifting_signature_id"),
    "infusion": ("ended_at", "ending", "volume_given_ml", "too_quick"),
    "journey": ("received_at", "received_by_id"),
    "label_copy": ("printed_at", "applied_at", "voided_at", "damaged_at", "destroyed_at",
                   "destroyed_how"),
    "label_print": ("ended_at",),
    "printer": ("ended_at", "ended_why"),
    "result": ("confirmed_at", "confirmed_by_id"),
    "laboratory": ("ended_on", "ended_why"),
    "test_method": ("ended_on", "ended_why"),
    "investigation": ("outcome", "conclusion", "concluded_at", "concluding_signature_id"),
}
PLACES = (
    ("filled", "stored"), ("stored", "issued"), ("issued", "received"), ("received", "infusing"),
    ("infusing", "infused"), ("issued", "returned"), ("received", "returned"),
    ("returned", "stored"), ("filled", "destroyed"), ("stored", "destroyed"),
    ("issued", "destroyed"), ("received", "destroyed"), ("returned", "destroyed"),
)
STANDINGS = (
    ("pending", "conditional"), ("pending", "certified"), ("conditional", "certified"),
    ("pending", "exceptional"), ("conditional", "exceptional"), ("pending", "rejected"),
    ("conditional", "rejected"), ("conditional", "nonconforming"), ("certified", "nonconforming"),
    ("exceptional", "nonconforming"), ("nonconforming", "pending"),
)
UNITS = (
    ("frozen", "stored"), ("stored", "thawed"), ("frozen", "destroyed"), ("stored", "destroyed"),
)
LABELLED = {"bag": ("issued",), "cryo_unit": ("thawed",)}  # entered only with a proven label
PRINTS = (  # a copy that was taken by a runner comes back only where nothing went out
    ("waiting", "sending"), ("waiting", "failed"), ("sending", "waiting"), ("sending", "sent"),
    ("sending", "failed"), ("sending", "unknown"),
)
# What a row's values are held against, and the column that says why one lies outside.
LOT_OF_BAG = "(SELECT l.{} FROM lot l WHERE l.id = NEW.lot_id)"
UNUSUAL = (
    ("weight", "NEW.usual", "NEW.why_unusual", {"kg": "NEW.kg"}),
    ("harvest", "NEW.usual", "NEW.why_unusual", {"volume_ml": "NEW.volume_ml"}),
    ("harvest", "NEW.usual", "NEW.why_received_unusual",
     {"nucleated_cells": "NEW.nucleated_cells", "viability": "NEW.viability"}),
    ("culture_count", "NEW.usual", "NEW.why_unusual",
     {"total_cells": "NEW.total_cells",
      "viability": "(NEW.viable_cells * 100.0 / NEW.total_cells)"}),
    *[(table, "NEW.usual", "NEW.why_unusual", {name: f"NEW.{name}" for name in (
        "temperature_c", "pulse", "systolic", "diastolic", "saturation")})
      for table in ("observation", "visit")],
    ("bag", LOT_OF_BAG.format("usual"), LOT_OF_BAG.format("why_unusual"),
     {"volume_ml": "NEW.volume_ml", "viable_cells": "NEW.viable_cells"}),
)
# What was seen beside a bag, as a row tells it: a correction changes it, a withdrawal repeats it.
SEEN = {
    "observation": ("at", "temperature_c", "pulse", "systolic", "diastolic", "saturation",
                    "why_unusual"),
    "reaction": ("at", "term", "grade", "death", "done"),
}
OUT = "('sent', 'unknown')"  # may be on paper
RELEASED = "('conditional', 'certified', 'exceptional')"
NEXT = "(SELECT sequence + 1 FROM audit_head WHERE id = 1)"

# name, table, event, condition under which it is refused, sentence. NEW/OLD work in both databases.
def _rules(tables: list[str], different: str, unproven: str) -> list[tuple[str, str, str, str, str]]:
    def moved(column: str, pairs: tuple[tuple[str, str], ...]) -> str:
        allowed = " OR ".join(
            f"(OLD.{column} = '{a}' AND NEW.{column} = '{b}')" for a, b in pairs)
        return f"OLD.{column} <> NEW.{column} AND NOT ({allowed})"

    rules = [
        ("entry_end", "audit_entry", "INSERT",
         f"NEW.sequence <> {NEXT} OR NEW.previous <> (SELECT hash FROM audit_head WHERE id = 1)",
         "the trail grows only at its end"),
        ("entry_update", "audit_entry", "UPDATE", "1 = 1", "the trail is not changed"),
        ("entry_delete", "audit_entry", "DELETE", "1 = 1", "the trail is not changed"),
        ("head_insert", "audit_head", "INSERT", "1 = 1", "the trail has one head"),
        ("head_delete", "audit_head", "DELETE", "1 = 1", "the trail has one head"),
        ("head_update", "audit_head", "UPDATE",
         "NEW.id <> 1 OR NEW.sequence <> OLD.sequence + 1 OR NOT EXISTS (SELECT 1 FROM audit_entry"
         " WHERE audit_entry.sequence = NEW.sequence AND audit_entry.hash = NEW.hash)",
         "the head follows the trail"),
    ]
    # What proved nobody is left out of what a reviewer signs: it may cover no row but of proofs.
    rules.append((
        "unproven", "audit_entry", "INSERT",
        """NEW.body LIKE '%"act":"not proven"%' AND """ + unproven.format(proofs="'alert', 'time_code'"),
        "an attempt that proved nobody changes nothing of the record"))
    for table in tables:
        rules += [
            ("row_insert", table, "INSERT",
             f"NEW.entry <> {NEXT} OR EXISTS (SELECT 1 FROM {table} AS t WHERE t.id = NEW.id)",
             "no row without its entry"),
            ("row_update", table, "UPDATE", f"NEW.entry <> {NEXT} OR NEW.id <> OLD.id",
             "no change without its entry"),
            ("row_delete", table, "DELETE", "1 = 1", "nothing of the record is deleted"),
        ]
    rules += [("once", table, "UPDATE", "1 = 1", "written once: correct it by a new row")
              for table in WRITE_ONCE]
    rules += [("frozen", table, "UPDATE",
               " OR ".join(f"CAST(NEW.{column} AS TEXT) {different} CAST(OLD.{column} AS TEXT)"
                           for column in columns),  # as text: json has no equality
               "this never changes: correct it by a new row")
              for table, columns in FROZEN.items()]
    rules += [("set_once", table, "UPDATE",
               " OR ".join(f"(OLD.{column} IS NOT NULL AND NEW.{column} {different} OLD.{column})"
                           for column in columns),
               "this is set once and stays: correct it by a new row")
              for table, columns in SET_ONCE.items()]
    lot_of = "(SELECT l.{0} FROM lot l JOIN bag b ON b.lot_id = l.id WHERE b.id = NEW.bag_id)"
    bag_of = "(SELECT b.{0} FROM bag b WHERE b.id = NEW.bag_id)"
    # On paper it has happened already: what stood against it is kept and told, not refused.
    unless_on_paper = "NEW.paper_id IS NULL AND ({})"
    paused = ("EXISTS (SELECT 1 FROM trial_pause p WHERE p.trial = {} AND p.resumed_at IS NULL)")
    trial_of = "(SELECT r.trial FROM recipient r WHERE r.id = NEW.recipient_id)"
    rules += [
        *[(f"audits_alone_{event[:2].lower()}", "role_held", event,
           "EXISTS (SELECT 1 FROM role_held r WHERE r.account_id = NEW.account_id"
           " AND (r.role = 'auditor') <> (NEW.role = 'auditor')"
           " AND (r.until_at IS NULL OR r.until_at > NEW.from_at)"
           " AND (NEW.until_at IS NULL OR NEW.until_at > r.from_at))",
           "who audits does nothing else at the same time")
          for event in ("INSERT", "UPDATE")],
        ("forward", "passkey", "UPDATE", "NEW.sign_count < OLD.sign_count",
         "a passkey counts forward"),
        ("forward", "time_code", "UPDATE", "NEW.last_step < OLD.last_step",
         "no time code is taken twice"),
        ("queue", "label_print", "UPDATE", moved("state", PRINTS),
         "a copy is sent once; it is printed again only by a person"),
        ("queue_new", "label_print", "INSERT", "NEW.state <> 'waiting'",
         "a copy begins to wait"),
        ("one_runner", "label_print", "UPDATE",
         "OLD.state = 'sending' AND NEW.state = 'sending'", "one runner has taken this copy"),
        ("queue_roll", "label_print", "INSERT",
         "NOT EXISTS (SELECT 1 FROM label_copy c JOIN label_job j ON j.id = c.job_id JOIN printer r"
         " ON r.id = NEW.printer_id WHERE c.id = NEW.copy_id AND r.ended_at IS NULL AND r.stock ="
         " CASE WHEN NEW.piece = 'label' THEN j.stock WHEN j.tag_digest IS NOT NULL THEN"
         " 'tag-100x80' END)",
         "a printer is sent what it is loaded with, and a companion only where there is one"),
        ("queue_whole", "label_print", "UPDATE",
         "OLD.state <> 'sending' AND NEW.state = 'sending' AND EXISTS (SELECT 1 FROM label_copy c"
         " JOIN label_job j ON j.id = c.job_id WHERE c.id = NEW.copy_id AND (c.voided_at IS NOT"
         " NULL OR (j.tag_digest IS NOT NULL AND NOT EXISTS (SELECT 1 FROM label_print p WHERE"
         " p.copy_id = NEW.copy_id AND p.piece <> NEW.piece))))",
         "a copy is sent while it counts, and no label without its companion"),
        ("applied_whole", "label_copy", "UPDATE",
         "OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL AND EXISTS (SELECT 1 FROM"
         " label_print p WHERE p.copy_id = NEW.id AND p.state <> 'failed') AND EXISTS (SELECT 1"
         " FROM label_print p WHERE p.copy_id = NEW.id AND NOT EXISTS (SELECT 1 FROM label_print o"
         f" WHERE o.copy_id = NEW.id AND o.piece = p.piece AND o.state IN {OUT}))",
         "a label and its companion go on together"),
        ("destroyed_still", "label_copy", "UPDATE",
         "OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL AND EXISTS (SELECT 1 FROM"
         " label_print p WHERE p.copy_id = NEW.id AND p.state = 'sending')",
         "what is being sent to a printer is not destroyed yet"),
        ("place", "bag", "UPDATE", moved("place", PLACES), "a bag moves along its chart"),
        ("place", "cryo_unit", "UPDATE", moved("place", UNITS),
         "a cryo unit is stored, then thawed once"),
        ("place_new", "cryo_unit", "INSERT", "NEW.place <> 'frozen'",
         "a cryo unit begins as frozen"),
        *[("one_each", here, "UPDATE",
           f"NEW.storage_place_id IS NOT NULL AND EXISTS (SELECT 1 FROM {there} t WHERE"
           " t.storage_place_id = NEW.storage_place_id)",
           "a position holds one bag or one cryo unit")
          for here, there in (("bag", "cryo_unit"), ("cryo_unit", "bag"))],
        ("thawed_first", "derivation", "INSERT",
         "EXISTS (SELECT 1 FROM cryo_unit u WHERE u.code = NEW.parent AND (u.place <> 'thawed' OR"
         " NEW.cells > u.viable_thawed)) OR EXISTS (SELECT 1 FROM cryo_unit u JOIN derivation d ON"
         " d.parent = u.code WHERE u.code = NEW.parent)",
         "a cryo unit gives its cells once, after it was thawed"),
        *[("place_labelled", table, "UPDATE",
           f"OLD.place <> NEW.place AND NEW.place IN ({', '.join(map(repr, places))}) AND NOT"
           " EXISTS (SELECT 1 FROM label_copy c WHERE c.about = NEW.code AND c.kind ="
           f" '{table.replace('_', ' ')}' AND c.applied_at IS NOT NULL AND c.voided_at IS NULL)",
           "what goes out was labelled, and its label scanned back")
          for table, places in LABELLED.items()],
        ("thawed_labelled", "bag", "UPDATE",
         "OLD.thawed_at IS NULL AND NEW.thawed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM label_copy"
         " c WHERE c.bag_id = NEW.id AND c.applied_at IS NOT NULL AND c.voided_at IS NULL)",
         "what is thawed was labelled, and its label scanned back"),
        ("place_new", "bag", "INSERT", "NEW.place <> 'filled'", "a bag begins as filled"),
        ("place_released", "bag", "UPDATE",
         "OLD.place <> NEW.place AND NEW.place IN ('issued', 'infusing') AND NOT EXISTS (SELECT 1"
         f" FROM lot WHERE lot.id = NEW.lot_id AND lot.standing IN {RELEASED}) AND NOT (NEW.place ="
         " 'infusing' AND EXISTS (SELECT 1 FROM paper_start p WHERE p.bag_id = NEW.id))",
         "only bags of a released lot leave"),
        ("standing", "lot", "UPDATE", moved("standing", STANDINGS), "a lot moves along its chart"),
        ("standing_new", "lot", "INSERT", "NEW.standing <> 'pending'", "a lot begins as pending"),
        ("standing_signed", "lot", "UPDATE",
         "OLD.standing <> NEW.standing AND NOT EXISTS (SELECT 1 FROM decision d WHERE"
         " d.lot_id = NEW.id AND d.standing = NEW.standing AND d.entry = NEW.entry)",
         "a standing needs its signed decision"),
        ("severity_judged", "deviation", "UPDATE",
         "OLD.severity <> NEW.severity AND NOT EXISTS (SELECT 1 FROM deviation_classification c"
         " WHERE c.deviation_id = NEW.id AND c.severity = NEW.severity AND c.entry = NEW.entry)",
         "a severity changes by its classification"),
        ("closed_complete", "deviation", "UPDATE",
         "OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND (EXISTS (SELECT 1 FROM"
         " deviation_action a WHERE a.deviation_id = NEW.id AND a.verified_at IS NULL) OR"
         " (NEW.severity <> 'minor' AND NOT EXISTS (SELECT 1 FROM deviation_investigation i WHERE"
         " i.deviation_id = NEW.id)))",
         "a deviation closes when it is investigated and every action verified"),
        *[("while_open", table, "INSERT",
           "(SELECT d.closed_at FROM deviation d WHERE d.id = NEW.deviation_id) IS NOT NULL",
           "nothing is added to a closed deviation")
          for table in ("deviation_classification", "deviation_investigation",
                        "deviation_action")],
        ("standing_reviewed", "lot", "UPDATE",
         f"OLD.standing <> NEW.standing AND NEW.standing IN {RELEASED} AND NOT EXISTS (SELECT 1"
         " FROM trail_review r WHERE (r.lot_id = NEW.id OR r.lot_id IS NULL) AND r.entry < NEW.entry)",
         "a release needs the trail reviewed"),
        ("span", "trail_review", "INSERT",
         "NEW.last > (SELECT sequence FROM audit_head WHERE id = 1) OR (NEW.lot_id IS NULL AND"
         " NEW.first <> COALESCE((SELECT MAX(r.last) FROM trail_review r WHERE r.lot_id IS NULL),"
         " 0) + 1)", "a review begins where the one before ended and reads what was written"),
        ("registered", "result", "INSERT",
         "NOT EXISTS (SELECT 1 FROM laboratory l WHERE l.name = NEW.laboratory) OR NOT EXISTS"
         " (SELECT 1 FROM test_method m WHERE m.name = NEW.method)",
         "a result names a method and a laboratory of the register"),
        ("sampled", "result", "INSERT",
         "EXISTS (SELECT 1 FROM sample_move m WHERE m.sample_id = NEW.sample_id AND m.kind IN"
         " ('used up', 'discarded') AND m.moved_at < NEW.performed_at)",
         "a sample that is gone is not tested"),
        ("retest", "result", "INSERT",
         "NEW.retest_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM investigation i JOIN result r"
         " ON r.id = i.result_id WHERE r.id = NEW.retest_of_id AND i.outcome ="
         " 'laboratory error proven' AND r.recorded_by_id <> NEW.recorded_by_id)",
         "a retest needs a proven laboratory error and another person"),
        ("investigated", "result", "INSERT",
         "NEW.corrects_id IS NOT NULL AND EXISTS (SELECT 1 FROM investigation i WHERE i.result_id"
         " = NEW.corrects_id)", "a result under investigation is not corrected"),
        ("follows", "sample_move", "INSERT",
         "EXISTS (SELECT 1 FROM sample_move m WHERE m.sample_id = NEW.sample_id AND m.kind IN"
         " ('used up', 'discarded')) OR (NEW.kind IN ('sent', 'received') AND (NEW.kind ="
         " 'received') <> (COALESCE((SELECT m.kind FROM sample_move m WHERE m.sample_id ="
         " NEW.sample_id ORDER BY m.id DESC LIMIT 1), '') = 'sent'))",
         "a sample is received once sent, and gone once it is gone"),
        ("concluded", "investigation", "UPDATE",
         "NEW.concluding_signature_id IS NOT NULL AND EXISTS (SELECT 1 FROM signature s JOIN"
         " result r ON r.id = NEW.result_id WHERE s.id = NEW.concluding_signature_id AND"
         " (s.user_id = r.recorded_by_id OR s.user_id = r.confirmed_by_id))",
         "who took part in a result does not conclude its investigation"),
        ("answered_while_open", "checklist_answer", "INSERT",
         "(SELECT i.concluded_at FROM investigation i WHERE i.id = NEW.investigation_id)"
         " IS NOT NULL", "nothing is added to a concluded investigation"),
        ("infused", "visit", "INSERT",
         "NOT EXISTS (SELECT 1 FROM infusion i WHERE i.recipient_id = NEW.recipient_id)",
         "visits begin with the infusion"),
        ("followed", "visit", "INSERT",
         "NEW.corrects_id IS NULL AND EXISTS (SELECT 1 FROM follow_up_end e WHERE e.recipient_id ="
         " NEW.recipient_id)", "after the end of the follow-up no visit is added"),
        ("corrects", "visit", "INSERT",
         "NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.id ="
         " NEW.corrects_id AND v.recipient_id = NEW.recipient_id AND v.name = NEW.name)",
         "a visit is corrected by the same visit of the same person"),
        *[rule for table, columns in SEEN.items() for rule in _seen(table, columns, different)],
        ("next", "event_information", "INSERT",
         "NEW.number <> COALESCE((SELECT MAX(i.number) FROM event_information i WHERE"
         " i.adverse_event_id = NEW.adverse_event_id), 0) + 1",
         "what is known of an event comes version after version"),
        ("tells", "expedited_report", "INSERT",
         "NOT EXISTS (SELECT 1 FROM event_information i WHERE i.id = NEW.information_id AND"
         " i.adverse_event_id = NEW.adverse_event_id)", "a report tells of its own event"),
        ("two_halves", "bedside_check", "INSERT",
         "NEW.verdict = 'go' AND (" + " OR ".join(
             "NOT EXISTS (SELECT 1 FROM half_check h WHERE"
             f" h.id = NEW.{half} AND h.bag_id = NEW.bag_id AND h.wristband_id = NEW.wristband_id"
             f" AND h.recorded_by_id = NEW.{who} AND h.until_at >= NEW.at)"
             for half, who in (("first_half_id", "recorded_by_id"),
                               ("second_half_id", "second_id"))) + ")",
         "a go needs the fresh scans of both people"),
        ("halves_of_the_two", "bedside_check", "INSERT",
         " OR ".join(
             f"(NEW.{half} IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM half_check h WHERE h.id ="
             f" NEW.{half} AND h.recorded_by_id = NEW.{who}) OR EXISTS (SELECT 1 FROM"
             f" bedside_check c WHERE c.{taken} = NEW.{half})))"
             for half, who, taken in (("first_half_id", "recorded_by_id", "second_half_id"),
                                      ("second_half_id", "second_id", "first_half_id"))),
         "a check rests on the scans of its own two people, which serve no other"),
        ("different_told", "bedside_check", "INSERT",
         "EXISTS (SELECT 1 FROM half_check a JOIN half_check b ON b.id = NEW.second_half_id WHERE"
         " a.id = NEW.first_half_id AND (a.bag_id <> b.bag_id OR a.wristband_id <> b.wristband_id"
         " OR a.copy <> b.copy)) AND (NEW.verdict IN ('go', 'cannot tell') OR"
         " CAST(NEW.reasons AS TEXT) NOT LIKE '%different scans%')",
         "two who scanned different things are told so, and it is no go"),
        ("version_consented", "recipient", "UPDATE",
         "OLD.protocol <> NEW.protocol AND NOT EXISTS (SELECT 1 FROM recipient_consent c WHERE"
         " c.recipient_id = NEW.id AND c.protocol = NEW.protocol AND c.entry = NEW.entry)",
         "the version of a protocol changes by a consent to it"),
        ("of_the_eligible", "allocation", "INSERT",
         "NOT EXISTS (SELECT 1 FROM assessment a WHERE a.recipient_id = NEW.recipient_id) OR"
         " EXISTS (SELECT 1 FROM screening_failure f WHERE f.recipient_id = NEW.recipient_id)",
         "a place is for who was assessed and not screened out"),
        ("while_it_runs", "allocation", "INSERT", paused.format("NEW.trial"),
         "nobody gets a place while the trial is paused"),
        ("not_infused", "allocation", "UPDATE",
         "OLD.given_up_at IS NULL AND NEW.given_up_at IS NOT NULL AND EXISTS (SELECT 1 FROM"
         " infusion i WHERE i.recipient_id = NEW.recipient_id)",
         "who was infused keeps the place"),
        ("not_placed", "screening_failure", "INSERT",
         "EXISTS (SELECT 1 FROM allocation a WHERE a.recipient_id = NEW.recipient_id)",
         "who has a place is not screened out"),
        ("waived_signed", "waiver", "INSERT",
         "NOT EXISTS (SELECT 1 FROM signature s WHERE s.id = NEW.signature_id AND s.meaning ="
         " 'criterion waived' AND s.role = 'physician')", "a physician signs a waiver"),
        ("resumed_signed", "trial_pause", "UPDATE",
         "OLD.resumed_at IS NULL AND NEW.resumed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
         " signature s WHERE s.id = NEW.signature_id AND s.meaning = 'trial resumed' AND"
         " s.subject = NEW.code AND s.user_id <> NEW.recorded_by_id)",
         "a pause ends by a decision of the board that another person signs"),
        ("pause_new", "trial_pause", "INSERT", "NEW.resumed_at IS NOT NULL",
         "a pause begins unresolved"),
        ("order_while_it_runs", "infusion_order", "INSERT",
         f"{paused.format(trial_of)} AND NOT EXISTS (SELECT 1 FROM infusion i WHERE"
         " i.recipient_id = NEW.recipient_id)", "nobody new is ordered for while the trial is paused"),
        ("start_while_it_runs", "infusion", "INSERT", unless_on_paper.format(
            f"{paused.format(trial_of)} AND NOT EXISTS (SELECT 1 FROM infusion i WHERE"
            " i.order_id = NEW.order_id)"), "nobody new is infused while the trial is paused"),
        ("start_with_place", "infusion", "INSERT",
         "NOT EXISTS (SELECT 1 FROM allocation a WHERE a.recipient_id = NEW.recipient_id AND"
         " a.given_up_at IS NULL)", "who has no place is not infused"),
        ("start_recipient", "infusion", "INSERT",
         f"NEW.recipient_id <> {lot_of.format('recipient_id')} OR NEW.recipient_id <> (SELECT"
         " o.recipient_id FROM infusion_order o WHERE o.id = NEW.order_id) OR NOT EXISTS (SELECT 1"
         " FROM ordered_bag p WHERE p.order_id = NEW.order_id AND p.bag_id = NEW.bag_id)",
         "this bag is not ordered for this person"),
        ("start_paced", "infusion", "INSERT",
         "(NEW.not_before IS NULL) <> ((SELECT p.minutes_at_least FROM ordered_bag p WHERE"
         " p.order_id = NEW.order_id AND p.bag_id = NEW.bag_id) IS NULL)",
         "a start carries how long its order says the bag runs in"),
        ("quick_told", "infusion", "UPDATE",
         "OLD.too_quick IS NULL AND NEW.too_quick IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
         " deviation d WHERE d.about = NEW.code)", "a bag that ran in too quickly is a deviation"),
        ("start_released", "infusion", "INSERT", unless_on_paper.format(
            f"{lot_of.format('standing')} NOT IN {RELEASED} OR {bag_of.format('place')} <>"
            " 'infusing'"), "only a released bag at the bedside starts"),
        ("start_held", "infusion", "INSERT", unless_on_paper.format(
            "EXISTS (SELECT 1 FROM hold h WHERE h.lifted_at IS NULL AND (h.bag_id = NEW.bag_id OR"
            " h.lot_id = (SELECT b.lot_id FROM bag b WHERE b.id = NEW.bag_id)))"),
         "a held bag does not start"),
        ("start_expired", "infusion", "INSERT", unless_on_paper.format(
            f"NEW.started_at >= {bag_of.format('expires_at')} OR"
            f" NEW.started_at >= COALESCE({bag_of.format('thaw_expires_at')},"
            f" {bag_of.format('expires_at')})"), "an expired bag does not start"),
        ("start_checked", "infusion", "INSERT", unless_on_paper.format(
            "NOT EXISTS (SELECT 1 FROM bedside_check c JOIN wristband w ON w.id = c.wristband_id"
            " WHERE c.id = NEW.check_id AND c.verdict = 'go' AND c.bag_id = NEW.bag_id AND"
            " w.recipient_id = NEW.recipient_id AND NEW.started_at <= c.token_until)"),
         "no start without a fresh go for this bag and this person"),
        ("on_the_ward", "paper_start", "INSERT",
         f"{bag_of.format('place')} <> 'received'", "only a bag on the ward was given on paper"),
        ("start_on_paper", "infusion", "INSERT",
         f"NEW.paper_id IS NOT NULL AND ({bag_of.format('place')} <> 'infusing' OR NOT EXISTS"
         " (SELECT 1 FROM paper_start p JOIN wristband w ON w.id = p.wristband_id JOIN deviation d"
         " ON d.id = p.deviation_id JOIN infusion_order o ON o.id = NEW.order_id WHERE p.id ="
         " NEW.paper_id AND p.bag_id = NEW.bag_id AND p.began_at = NEW.started_at AND"
         " w.recipient_id = NEW.recipient_id AND d.about = o.code AND d.severity <> 'minor'))",
         "what began on paper stands on its sheet, its person and its deviation"),
    ]
    return rules


def _seen(table: str, columns: tuple[str, ...], different: str) -> list[
        tuple[str, str, str, str, str]]:
    """What was seen beside a bag is corrected or withdrawn by a further row beside the same bag."""
    same = " AND ".join(f"NOT (o.{column} {different} NEW.{column})" for column in columns)
    before = (f"SELECT 1 FROM {table} o WHERE o.id = NEW.corrects_id AND o.infusion_id ="
              " NEW.infusion_id")
    return [
        ("beside", table, "INSERT",
         "NEW.at > NEW.recorded_at OR NEW.at < (SELECT i.started_at FROM infusion i WHERE i.id ="
         " NEW.infusion_id)", "it was seen once the bag had begun, and before it was recorded"),
        ("corrects", table, "INSERT", f"NEW.corrects_id IS NOT NULL AND NOT EXISTS ({before})",
         "what was seen is corrected beside the same bag"),
        ("withdraws", table, "INSERT",
         f"NEW.withdrawn AND NOT EXISTS ({before} AND NOT o.withdrawn AND {same})",
         "what is withdrawn is repeated as it was, once"),
        ("changes", table, "INSERT",
         f"NOT NEW.withdrawn AND EXISTS ({before} AND NOT o.withdrawn AND {same})",
         "a correction changes something"),
    ]


def _unusual(bound: str) -> list[tuple[str, str, str, str, str]]:
    """A value out of the usual has its reason. ``bound`` reads a number out of a row's bounds."""
    rules = []
    for number, (table, usual, why, values) in enumerate(UNUSUAL):
        outside = " OR ".join(
            f"CAST({value} AS NUMERIC) {sign} CAST({bound.format(usual=usual, key=key, at=at)} AS"
            " NUMERIC)" for key, value in values.items() for at, sign in ((0, "<"), (1, ">")))
        always = table in ("weight", "observation", "visit")  # dose and safety follow from them
        unbound = "".join(f" OR ({value} IS NOT NULL AND {bound.format(usual=usual, key=key, at=0)}"
                          " IS NULL)" for key, value in values.items()) if always else ""
        rules += [(f"unusual_{number}", table, event, f"({why} IS NULL AND ({outside})){unbound}",
                   "a value out of the usual has its reason")
                  for event in (("INSERT", "UPDATE") if table == "harvest" else ("INSERT",))]
    return [(f"{name}_{event[:2].lower()}", table, event, when, sentence)
            for name, table, event, when, sentence in rules]


def _on_sqlite(rules: list[tuple[str, str, str, str, str]]) -> None:
    for name, table, event, refused_when, sentence in rules:
        op.execute(sa.DDL(
            f"CREATE TRIGGER guard_{table}_{name} BEFORE {event} ON {table} "
            f"WHEN ({refused_when.replace('%', '%%')}) "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"))
    op.execute(sa.DDL(
        "CREATE TRIGGER head_follows AFTER INSERT ON audit_entry BEGIN UPDATE audit_head SET "
        "sequence = NEW.sequence, hash = NEW.hash, "
        "at = replace(substr(json_extract(NEW.body, '$.at'), 1, 26), 'T', ' ') WHERE id = 1; END"))


def _on_postgresql(rules: list[tuple[str, str, str, str, str]], tables: list[str]) -> None:
    for name, table, event, refused_when, sentence in rules:
        guard = f"guard_{table}_{name}"
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(sa.text(
            f"CREATE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {refused_when} THEN RAISE EXCEPTION '{sentence}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {back}; END $$"))
        op.execute(sa.text(f"CREATE TRIGGER {guard} BEFORE {event} ON {table} "
                           f"FOR EACH ROW EXECUTE FUNCTION {guard}()"))
        op.execute(sa.text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}"))
    op.execute(sa.text(
        "CREATE FUNCTION head_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public AS $$ BEGIN UPDATE audit_head SET sequence = NEW.sequence, "
        "hash = NEW.hash, at = (NEW.body::jsonb ->> 'at')::timestamptz WHERE id = 1; "
        "RETURN NEW; END $$"))
    op.execute(sa.text("CREATE TRIGGER head_follows AFTER INSERT ON audit_entry "
                       "FOR EACH ROW EXECUTE FUNCTION head_follows()"))
    op.execute(sa.text("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER head_follows"))
    op.execute(sa.text(
        "CREATE FUNCTION guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'nothing of the record is deleted' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"))
    for table in ("audit_entry", "audit_head", *tables):
        op.execute(sa.text(f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
                           "FOR EACH STATEMENT EXECUTE FUNCTION guard_truncate()"))
        op.execute(sa.text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER guard_{table}_truncate"))


def upgrade() -> None:
    connection = op.get_bind()
    inspector = sa.inspect(connection)
    tables = sorted(
        table for table in inspector.get_table_names()
        if any(column["name"] == "entry" for column in inspector.get_columns(table)))
    op.execute(sa.text(
        "INSERT INTO audit_head (id, sequence, hash, at) VALUES "
        f"(1, 0, '{'0' * 64}', '1970-01-01 00:00:00.000000"
        f"{'+00' if connection.dialect.name == 'postgresql' else ''}')"
    ).execution_options(no_parameters=True))
    if connection.dialect.name == "sqlite":
        _on_sqlite(_rules(tables, "IS NOT", "json_extract(NEW.body, '$.act') = 'not proven' AND EXISTS"
                          " (SELECT 1 FROM json_each(NEW.body, '$.rows') r WHERE"
                          " json_extract(r.value, '$[0]') NOT IN ({proofs}))")
                   + _unusual("json_extract({usual}, '$.{key}[{at}]')"))
    else:
        _on_postgresql(_rules(tables, "IS DISTINCT FROM", "NEW.body::jsonb ->> 'act' = 'not proven'"
                              " AND EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.body::jsonb ->"
                              " 'rows') r WHERE r ->> 0 NOT IN ({proofs}))")
                       + _unusual("({usual} -> '{key}' ->> {at})"), tables)


def downgrade() -> None:
    raise RuntimeError("the record is not taken apart: restore a backup instead")
