"""Reading Tidu from outside."""
