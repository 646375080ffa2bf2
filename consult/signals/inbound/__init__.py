"""Reports that come by letter from members of organisations, or by text message. Both are off until they are set up."""
