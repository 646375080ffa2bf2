"""When reports of one place and one substance reach a level: the rule, the textbook beside it, and what is usual."""
