"""Terms of adverse events by version."""
from specs import shelf, terms


def test_every_term_stands_once_under_its_class():
    names = [term.name for term in terms.terms("5.0")]
    assert len(names) == len(set(names)) > 100
    assert names == sorted(names, key=str.lower)
    assert terms.organ_class("5.0", "Flushing") == "Vascular disorders"
    assert terms.organ_class("5.0", "Asthenia") == terms.ADDED
    assert terms.organ_class("5.0", "Hiccups of the soul") is None


def test_a_version_without_a_list_has_no_terms():
    assert terms.terms("2.0") == () and terms.versions() == ("5.0",)


def test_the_terms_of_the_reference_trial_are_offered():
    version = shelf.protocol("nct02213705-1").safety.ctcae_version
    assert {"Flushing", "Nausea", "Asthenia", "Infusion related reaction"} <= {
        term.name for term in terms.terms(version)}
