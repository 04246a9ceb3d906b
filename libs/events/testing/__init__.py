"""Part of the kernel: testing."""
