"""Filing: send, change, withdraw and erase submissions with a token or the secret of the private link."""
