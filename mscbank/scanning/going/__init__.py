"""How scanning goes: signs of a way around the check, and labels that could not be read.

Shown to who can change something, by ward, printer and device, never by person; nothing is ever
blocked by it. Read from the plain scan log.
"""
