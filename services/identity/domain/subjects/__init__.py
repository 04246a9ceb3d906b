"""A natural person as the platform knows one: by an id alone. Erased once, unless somebody has to keep what is there."""
