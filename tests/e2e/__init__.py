"""The whole platform through its gateway, and what its logs say afterwards."""
