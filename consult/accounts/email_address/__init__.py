"""Change of an account's e-mail address, confirmed at both addresses."""
