"""The public signing keys of a deployment. All times here are wall time: security is ruled by it alone."""
