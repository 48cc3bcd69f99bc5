"""A scanned text -> the thing it names, and what this person may do with it now."""
