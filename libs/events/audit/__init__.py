"""Checking and restoring the log: chain, start check, verify, replay, restore."""
