const customers = [
  { id: 17, name: 'Iris', address: { city: 'Porto' } },
  { id: 23, name: 'Noor', address: { city: 'Ghent' } },
];

// The customer with this id.
export function customerById(id) {
  return customers.find((one) => one.id === id);
}
