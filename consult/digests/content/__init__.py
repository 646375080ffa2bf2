"""Contents of a digest: collection and compilation of its body."""
