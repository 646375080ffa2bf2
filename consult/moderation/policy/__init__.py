"""Pages of the moderation policy, and hold rules."""
