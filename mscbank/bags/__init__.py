"""Lots and bags: filling, freezing, storage places, thawing; lifecycle.py holds the wall charts."""
