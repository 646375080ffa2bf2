"""Questions of a consultation and their responses."""
