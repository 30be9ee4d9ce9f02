"""Schedules of other programs and tables of shifts, as the text of a roster: pure."""
