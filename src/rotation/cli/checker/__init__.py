"""The commands for checkers."""
