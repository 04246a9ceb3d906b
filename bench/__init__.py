"""Speed as a ratio to a bare peer in the same run; never asserted in a test."""
