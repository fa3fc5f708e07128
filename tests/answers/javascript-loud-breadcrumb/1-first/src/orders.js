import { customerById } from './customers.js';
import { cached } from './cache.js';

// Where an order goes; `query` is what came in the URL.
export async function destination(query) {
  await cached('rates', 60);
  const customer = customerById(query.customer);
  return customer.address.city;
}
