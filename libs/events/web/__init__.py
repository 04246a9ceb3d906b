"""Part of the kernel: web."""
