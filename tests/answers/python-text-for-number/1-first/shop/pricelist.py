"""Price lists, as suppliers send them."""

import csv


def read_prices(path):
    """Prices by article, from a file with the columns `article` and `price`."""
    prices = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            prices[row["article"]] = row["price"]
    return prices
