"""Two-step verification: one-time codes (TOTP) and recovery codes."""
