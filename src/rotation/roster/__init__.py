"""The roster: its text, read, checked and written."""
