"""The sealed vault: names, birth dates and hospital numbers of recipients and donors.

One key per person, wrapped by a master key that never enters the database. Everything else in the
bank holds a reference. Destroying a person's key leaves the trail whole and the name unreadable.
"""
