"""Pure tests of the domain: no broker, no store."""
