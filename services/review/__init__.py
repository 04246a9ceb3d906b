"""Review: the chain of a case, public notice and titles."""
