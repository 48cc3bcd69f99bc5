"""The people of the bank, as administrators and quality assurance see them."""
