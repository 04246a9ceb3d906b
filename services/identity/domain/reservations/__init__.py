"""Reservations: one stream per value that must be unique, named by its blind index."""
