"""An interface with the addresses and shapes of version 4 of the interface of regulations.gov."""
