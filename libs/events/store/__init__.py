"""Part of the kernel: store."""
