"""A TOML document as checked values, with the line of each."""
