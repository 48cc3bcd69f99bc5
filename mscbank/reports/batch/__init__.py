"""The batch record of a lot: everything that was done, by whom, when and why, as one paper.

``family`` reads, each further module draws its chapters from it, ``record`` puts them together.
People stand in it by user name, with one table at the end that says who they are; recipient and
donor by reference alone.
"""
