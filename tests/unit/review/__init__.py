"""Pure tests of review."""
