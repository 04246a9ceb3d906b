"""The rules of identity: pure."""
