"""One rule per module: what is noted here because of what was said elsewhere."""
