"""Detection: the alert level reached by reports of a place and substance, and unusually high numbers."""
