"""Pure tests of applications."""
