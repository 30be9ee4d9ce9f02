"""Local dates and times, and the instants that they mean."""
