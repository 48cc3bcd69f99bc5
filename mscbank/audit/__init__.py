"""The trail: one entry per act, chained, guarded in the database, checked from outside.

No entry, no write; refused attempts are entries too. An entry keeps the exact text that was
hashed. Rows carry the number of the entry that last touched them and the entry carries their
digest, so verification finds an edit of the trail and an edit of a live row alike.
"""
