"""The command `tidu`."""
