"""Changes of the plan as pure functions: a roster and a wish to the text that has to be written."""
