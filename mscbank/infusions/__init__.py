"""The bedside: order and dose, the check by two, the infusion, observations, a reaction.

rules.py answers the one question: may this bag go into this person now?
"""
