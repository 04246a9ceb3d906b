"""人工核验: what an automatic check cannot decide, decided by an account checker of the region."""
