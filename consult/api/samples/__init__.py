"""Samples of drug-checking services by program: kept line by line, and retracted in batches."""
