"""The commands that change the plan."""
