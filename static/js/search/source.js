// Where the engine gets its files in a browser.

import { Engine } from './engine.js';

/**
 * @param {string} root the address of the site's home page
 * @returns {Engine}
 */
export function engineOf(root) {
  const index = new URL('search/index/', root);
  return new Engine({
    file: async (name) => unpacked(await fetched(new URL(name, index))),
    text: async (route) => (await fetched(new URL(encoded(`${route}turns.json`.slice(1)), root))).json(),
    simplified: simplifiedPairs,
  });
}

/** The table of Traditional and simplified characters. */
export async function simplifiedPairs() {
  return (await fetched(new URL('../../search/simplified.txt', import.meta.url))).text();
}

/** The address of a page of the site, as links have it. */
export function encoded(route) {
  return route.split('/').map(encodeURIComponent).join('/');
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url.pathname}`);
  return response;
}

async function unpacked(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  // A host may have unpacked it already.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
