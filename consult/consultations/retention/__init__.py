"""How long the addresses of those who answered one consultation are kept."""
