"""People of the bank: accounts, the roles they hold from when until when, sessions and tokens.

Accounts are ended, never removed. A user name is never given to a second person.
"""
