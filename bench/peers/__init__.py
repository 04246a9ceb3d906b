"""What ours is compared with, each as its own documentation shows it, with the same durability."""
