"""Nothing about a matter is ever refused: what other services say of it is only noted."""
