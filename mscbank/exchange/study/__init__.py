"""The study's data for its data manager: tables after the manner of CDISC SDTM, with a dictionary.

Pseudonymised: study numbers, ages, sexes; no names, no birth dates, no house codes, no words
somebody wrote freely but for what an event is called and why a value out of the usual is right. The
same record gives the same bytes. An export is an act: who took what, with its digest and how many
rows, stands in the trail.

Beside the rooms of a step: ``domains`` turns the records into rows, ``measured`` those of the
measures, ``dictionary`` says what each column means, ``bundle`` makes the file.
"""
