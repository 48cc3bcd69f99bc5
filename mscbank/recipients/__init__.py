"""The patient: consent, eligibility with every failing criterion named, weight, cohort, wristband.

A recipient is a study number and a house code; the name is in the sealed vault.
"""
