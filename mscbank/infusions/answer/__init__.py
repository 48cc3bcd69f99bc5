"""The answer of a check, the whole screen, and the start that a go allows. Law: infusions/rules.py."""
