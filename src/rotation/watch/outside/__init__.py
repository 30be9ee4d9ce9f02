"""Past the hub: what other providers make of the mail that is passed on."""
