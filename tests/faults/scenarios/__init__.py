"""One module per family of faults; each registers its scenarios with `@scenario`."""
