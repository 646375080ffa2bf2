"""Sample of countries: real facts with their sources, recommendations, and support."""
