"""Commands for operators: check an installation, back it up, restore it, measure it."""
