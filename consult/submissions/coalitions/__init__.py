"""Submissions of several organisations: co-signing and notes before signing."""
