"""Second labels of statements, to measure agreement between two people."""
