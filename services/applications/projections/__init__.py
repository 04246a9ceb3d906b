"""Read models of `applications`, one per file."""
