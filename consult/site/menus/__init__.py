"""Menus: the navigation bar of each role, and the tabs of a consultation."""
