"""Accounts, real names, officials, sessions, keys and business time."""
