"""Filing a report without a connection."""
