"""Reports that arrive by e-mail from members of organisations, or by text message."""
