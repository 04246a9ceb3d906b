"""What review decides: cases, lists and titles, each with its own state and rules."""
