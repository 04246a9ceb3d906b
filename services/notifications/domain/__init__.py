"""The rules of notifications: pure."""
