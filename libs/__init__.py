"""Shared libraries of Tidu; `libs.events` is the kernel."""
