"""A tally refuses nothing: an answer is noted, or was noted before."""
