"""The first steps of each role, and the keys that help everybody: what the help pages say."""

from __future__ import annotations

from dataclasses import dataclass

from mscbank.permissions import Role


@dataclass(frozen=True)
class Step:
    """One step: what to do, how, and the page it is done on (none: wherever one is)."""

    title: str
    how: str
    path: str = ""


EVERYBODY = (
    Step("Scan anything", "A scan is understood on every page, whatever has the focus. Without a "
         "scanner press / and type a code, a number, a part of a name, or a day."),
    Step("Read what a page offers", "Buttons are what you may do now; what is grey says why not. "
         "Nothing is done before you press the button at the end of a form."),
    Step("Look at the bell", "It counts what must be read by somebody of your role.", "/alerts/"))
GUIDES: dict[Role, tuple[Step, ...]] = {
    Role.TECHNICIAN: (
        Step("Begin with the worklist", "Cultures due, samples on their way, bags without a label: "
             "what is overdue stands first.", "/"),
        Step("Receive, seed, feed, passage", "Scan the vessel; its page has the next act with what "
             "stays the same filled in.", "/cultures/"),
        Step("Fill, freeze, store", "Scan a bag, scan its place: the map shows what is free.",
             "/freezer"),
        Step("Label by scanning back", "A label counts when that very copy was scanned on its bag; "
             "before, the bag cannot leave.", "/label-jobs/"),
        Step("Sample and record", "Take a sample, send it, record the result or import the "
             "instrument's file.", "/samples/")),
    Role.QUALITY: (
        Step("Decide on lots", "A lot's page holds the specification beside the results and says "
             "what is missing.", "/lots/?standing=pending"),
        Step("Read the trail first", "A release asks that the lot's entries were reviewed and "
             "signed for.", "/trail"),
        Step("Keep deviations moving", "Classify, investigate, plan actions, verify, close by "
             "signature.", "/deviations/"),
        Step("Bad news", "An alert about a released lot is acknowledged by signature; its recall "
             "page lists every bag and person.", "/alerts/")),
    Role.NURSE: (
        Step("Bags on the ward", "The worklist shows how long each bag may still be used.", "/"),
        Step("Check at the bedside", "Scan wristband and bag; the second person does the same for "
             "themselves. The screen is the answer.", "/bedside"),
        Step("Start within a minute", "The start button is there after MAY BE INFUSED only, for "
             "sixty seconds, once.", "/bedside"),
        Step("Observe, finish or stop", "The times come from the protocol; a reaction is two taps "
             "away.", "/infusions/"),
        Step("No network", "Use the paper form that was printed with the order: it has the same "
             "checks.", "/orders/")),
    Role.PHYSICIAN: (
        Step("Assess and allocate", "Every criterion that fails is named; you sign what you read.",
             "/recipients/"),
        Step("Order the cells", "The dose comes from the weight of that day; bags are combined for "
             "you.", "/recipients/"),
        Step("Judge events", "Your opinion on the cause stands beside the sponsor's; neither "
             "replaces the other.", "/adverse-events/")),
    Role.COORDINATOR: (
        Step("Enrol families", "The recipient first, then the relative; names go into the sealed "
             "vault.", "/recipients/"),
        Step("Keep the visits", "Due and overdue visits stand on the worklist; a window is counted "
             "from the infusion.", "/follow-up"),
        Step("Report in time", "The clock of each serious event counts down on its page.",
             "/adverse-events/")),
    Role.AUDITOR: (
        Step("Begin where it went another way", "The worklist names what was released "
             "exceptionally, found nonconforming, given on paper, corrected.", "/"),
        Step("Follow one lot", "Its batch record holds every step, person and signature; family "
             "tree and recall lead from it to donor and recipient.", "/lots/"),
        Step("Prove the trail", "Walk it from its first entry, search it by person, thing, act and "
             "day, take what you see as CSV.", "/trail"),
        Step("Nothing of yours changes anything", "You read everything but names, until the day "
             "your access ends. What you export is an entry of the trail.", "/me")),
    Role.ADMINISTRATOR: (
        Step("Let people in", "Each person gets an account, roles with a reason, and chooses a "
             "password when they first come.", "/people/"),
        Step("When a credential is lost", "You write down who asked and how you knew them; another "
             "person confirms it.", "/people/"),
        Step("Watch the trail", "Failed sign-ins raise an alert; the checkpoint leaves the house "
             "daily.", "/trail")),
}
KEYS = (("/", "to the scan box"), ("Esc", "closes an open menu"),
        ("Tab", "to the next box or button; the first one jumps over the head of the page"),
        ("↑ ↓", "from row to row of a list"), ("Enter", "opens, or presses what has the focus"))
