"""The patient: consent, eligibility by its items and with evidence, weight, cohort, wristband.

A recipient is a study number and a house code; the name is in the sealed vault. Beside the usual
rooms: ``eligibility`` (findings, the signed assessment, waivers, screening failures) and
``ladder`` (places in the cohorts, the trial's pause and its end).
"""
