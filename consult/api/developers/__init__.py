"""The page for developers, with recipes that the tests run."""
