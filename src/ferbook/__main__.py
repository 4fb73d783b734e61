"""`python -m ferbook` is the `ferbook` command."""

from ferbook.cli import main

main()
