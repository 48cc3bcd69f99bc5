"""The reference trial as data (people.py, families.py) and as a story told through the acts.

All people are invented. What the study published (DOMAIN: sexes, dates of enrolment, cohorts,
doses, adverse events, follow-up) comes out of the records; the rest is made up to fit.
"""
