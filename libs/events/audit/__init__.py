"""Part of the kernel: audit."""
