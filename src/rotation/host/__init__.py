"""What the real host is made of: files, locks and programs. Only `system` uses it."""
