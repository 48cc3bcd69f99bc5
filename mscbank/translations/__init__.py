"""French for everything people read: the English of the source, the catalogue, and how a sentence
finds its French. Pure but for the files it reads; ``web/language.py`` puts it on pages.

``python -m mscbank.translations`` (``make translations``) reads the source again, keeps every
French text that still has its English, adds the rest empty, and compiles.
"""
