"""Tests of recommendations to countries."""
