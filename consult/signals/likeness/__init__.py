"""Which reports may be of the same thing: proposed side by side with the reasons, and a person decides."""
