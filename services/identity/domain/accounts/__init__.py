"""Accounts of legal and natural persons, and the real-name check."""
