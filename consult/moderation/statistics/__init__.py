"""Public statistics of moderation."""
