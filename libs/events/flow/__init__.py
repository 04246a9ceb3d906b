"""Part of the kernel: flow."""
