"""Anonymous filing: recovery words and delayed publication."""
