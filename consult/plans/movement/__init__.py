"""The yearly summary of what changed in a plan."""
