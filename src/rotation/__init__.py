"""rotation: who is on duty, and mail that goes to them."""

__version__ = "0.1.0"
