"""Nothing is refused here: a succession is noted, or done, or was so before."""
