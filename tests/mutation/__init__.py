"""Mutation testing: small wrong changes, one at a time, that the unit tests must notice. See docs/mutation.md."""
