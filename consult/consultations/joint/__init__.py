"""Consultations that several bodies run together."""
