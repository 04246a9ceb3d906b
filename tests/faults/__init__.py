"""Faults: the whole stack under a seeded load, killed and hindered in many ways, judged by an independent checker."""
