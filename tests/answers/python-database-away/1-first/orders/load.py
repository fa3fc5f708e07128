"""Reading orders."""

from orders.db import connect


def load_order(number):
    """One order."""
    connection = connect()
    connection.sendall(b"SELECT %d" % number)
    return connection.recv(4096)
