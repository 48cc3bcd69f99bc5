"""What was signed, by whom, meaning what, over which digest.

A signature is bound to the canonical record the signer saw. Whether it still covers the record is
computed each time, never stored. User name and password are asked every time.
"""
