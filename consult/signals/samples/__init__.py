"""Samples of drug-checking services and laboratories: tables of results, kept and retracted in batches."""
