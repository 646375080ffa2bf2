"""What an accepted answer leads to: who does what by when, and the letters about it."""
