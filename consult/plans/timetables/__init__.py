"""Timetables of actions: as plans word them, and their due dates."""
