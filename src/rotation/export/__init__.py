"""Shifts as others see them: with an identity that stays, and a count of their changes."""
