"""`python -m alliance` is the command `alliance`."""

from alliance.cli import main

main()
