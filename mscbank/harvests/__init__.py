"""Marrow collection: the donation identification number is born here; receipt at the laboratory."""
