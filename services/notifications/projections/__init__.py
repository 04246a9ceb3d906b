"""Read models of notifications."""
