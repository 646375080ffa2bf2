"""Responsible parties of actions in the words of a plan, and the matching bodies."""
