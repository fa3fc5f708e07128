"""The connection to the database."""

import socket

HOST = "db.shop.internal"
PORT = 5432
POOL_SIZE = 5


def connect():
    """A connection from the pool."""
    return socket.create_connection((HOST, PORT), timeout=5)
