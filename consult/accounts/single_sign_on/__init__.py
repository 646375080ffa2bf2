"""Single sign-on with OpenID Connect: providers, discovery, tokens and linked identities."""
