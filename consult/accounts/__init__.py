"""People who sign in, the organisations they speak for, and how they prove it."""
