"""The grammars of the aliases file, one for each mail server."""
