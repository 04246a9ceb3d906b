"""Messages to enterprises and offices, one for each cause."""
