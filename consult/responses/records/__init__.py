"""The records of bodies: how each kept its promises, counted twice a minute so that pages need not count."""
