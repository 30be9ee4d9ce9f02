"""Whether the chain is whole: what it was and is (`verify`), how this host is set up (`doctor`),
and proof by a mail (`ping`)."""
