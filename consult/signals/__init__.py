"""Early warning: what is being seen, where, how sure it is, and who has to know."""
