"""Pure functions on text: sentences, languages, fingerprints, alignment and requests."""
