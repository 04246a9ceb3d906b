"""How Tidu is run: local stack, images, command line."""
