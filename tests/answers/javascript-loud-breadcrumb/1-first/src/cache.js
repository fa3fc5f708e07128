const kept = new Map();

// A value of the cache; when the cache is slow, the last value that was seen.
export async function cached(key, seconds) {
  try {
    return await ask(key, seconds);
  } catch {
    return kept.get(key);
  }
}

async function ask(key) {
  return kept.get(key);
}
