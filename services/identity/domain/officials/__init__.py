"""Officials and the offices they are appointed to."""
