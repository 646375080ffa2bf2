"""Public pages of a provision and of a submission."""
