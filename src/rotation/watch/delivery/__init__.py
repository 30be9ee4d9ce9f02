"""What became of the mail that left: from the mail server's own log."""
