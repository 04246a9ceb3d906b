"""What assessment decides; pure."""
