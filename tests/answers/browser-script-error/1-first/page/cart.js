export function addToCart(cart, article) {
  cart.items.push(article);
}
