"""Pages that belong to no single feature: home, lists, health, accessibility, the kit."""
