"""`applications`: profiles, windows, drafts, evidence and every filing an enterprise makes."""
