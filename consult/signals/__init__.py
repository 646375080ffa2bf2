"""Early warning: reports of what is seen, signals made of them, warnings, and whom they reach."""
