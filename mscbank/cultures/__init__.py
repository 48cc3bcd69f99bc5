"""Expansion: seedings, feedings, observations, passages (split and pool), counts, reagents.

A culture is one passage of one harvest in its vessels: P0 is seeded from marrow, P1 from P0.
"""
