"""Access tokens: a program uses one to act for an account or an organisation, within scopes and until a day."""
