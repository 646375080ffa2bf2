"""Tests of countries: facts, tables of treaties, memberships and their pages."""
