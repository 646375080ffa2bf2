"""Server-side sessions: list of devices, timeouts and sign-out."""
