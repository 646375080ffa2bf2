"""Where something was seen: a country, a region of it and, if the reporter wishes, a town. Never coordinates."""
