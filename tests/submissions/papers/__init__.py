"""Position papers: their recommendations as comments."""
