"""Automations, each named after what it does."""
