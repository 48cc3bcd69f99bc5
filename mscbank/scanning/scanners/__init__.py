"""The scanners themselves: tried with a test code, and the log of what they read or could not.

Plain logs, outside the trail: a scanner is equipment, and no record of a bag rests on its trial.
"""
