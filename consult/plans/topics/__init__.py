"""Topics of actions: suggested from their words and from related topics, confirmed by a person."""
