"""管理行为审查: the acts of the three administrators, each looked at by another."""
