/** Who this browser is: the same in all its tabs, and after a reload. */
const NAME = 'chat-name';
const KEY = 'chat-key';

/** `''` before the first visit. */
export let name = stored(NAME) ?? '';

/** Proves to the server that we are who we were; nobody else learns it. */
export const key = stored(KEY) ?? newId();
store(KEY, key);

/** @param {string} value */
export function rename(value) {
  name = value;
  store(NAME, value);
}

/** 132 random bits. `crypto.randomUUID` is only there with TLS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(22));
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return Array.from(bytes, (byte) => letters[byte % 64]).join('');
}

/** @param {string} item */
function stored(item) {
  try {
    return localStorage.getItem(item);
  } catch {
    return null; // A browser that keeps nothing: then we are somebody new with each visit.
  }
}

/** @param {string} item @param {string} value */
function store(item, value) {
  try {
    localStorage.setItem(item, value);
  } catch {
    // As above.
  }
}
