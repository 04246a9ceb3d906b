"""One module per bench; found by their place here."""
