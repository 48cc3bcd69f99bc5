"""``python -m mscbank``: the command, where it is not on the path."""

from mscbank.cli import main

main()
