"""Labels: issued, printed, applied by scanning that copy back, damaged, voided.

Copies are numbered. A reprint needs a reason and voids the copy before; scanned, that one says
STOP. A bag whose label was not scanned back does not leave.
"""
