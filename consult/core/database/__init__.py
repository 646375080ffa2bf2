"""Database connections, outages, keys and published views."""
