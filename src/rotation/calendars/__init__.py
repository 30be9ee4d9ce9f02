"""Calendars that people already keep: reading them, writing them, fetching them."""
