"""Mail: the grammar of aliases files, the four mail servers, and making targets true."""
