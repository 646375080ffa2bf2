"""Entry point of `python -m consult.cli`, the same as `consult`."""

from consult.cli.main import main

main()
