"""Clients that only send: what their configuration says of where mail goes.

None of them listens, and each knows one host that takes all its mail: the hub. What they do with
mail for `root` differs from client to client, and none reads a `.forward` or an `:include:` list.
"""
