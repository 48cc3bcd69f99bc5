"""The relative who gives marrow: kinship, consent, infectious markers, HLA, eligibility.

A donor gives for one recipient. Eligible, or accepted by a physician's signed exception whose
warnings then stand on every label downstream, or not eligible.
"""
