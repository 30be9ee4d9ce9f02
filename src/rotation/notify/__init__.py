"""Mail to people about their own duties: what changed, what is near, what has begun."""
