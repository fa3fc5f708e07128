"""What a customer pays."""

from shop.pricelist import read_prices


def total(basket, prices, discount_rate):
    """The sum of a basket, less the discount."""
    full = 0
    for article, count in basket.items():
        full += prices[article] * count * (1 - discount_rate)
    return full


def checkout(basket, path, discount_rate=0.0):
    """The sum for a basket by the price list in a file."""
    return total(basket, read_prices(path), discount_rate)
