"""Responsible parties of actions in the words of a plan, and the bodies that they are."""
