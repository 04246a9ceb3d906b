"""Stream libraries that fold the same topic: scripts with dependencies of their own, so that they never change ours."""
