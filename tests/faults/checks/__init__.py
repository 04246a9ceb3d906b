"""What the checker asserts, by theme; each check takes the evidence and yields findings, and never raises on the first."""
