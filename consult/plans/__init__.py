"""Plans: actions with an owner and a day, what the government and organisations report of them, and indicators."""
