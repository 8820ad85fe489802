// Reads the files of the index. src/search/ writes them and says what is in them.

export const VERSION = 1;

/** @param {Uint8Array} bytes */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  number() {
    let number = 0;
    for (let weight = 1; weight <= 2 ** 28; weight *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      number += (byte & 0x7f) * weight;
      if (byte < 0x80) return number;
    }
    throw new Error('the index is torn');
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new Error('the index is torn');
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}

/**
 * The entries of a file for a term, or for all terms that begin with it, in byte order.
 * @typedef {{ term: string, nEpisodes: number, postings: Uint8Array | null }} Entry
 * @param {Uint8Array} bytes
 * @param {string} wanted
 * @param {boolean} isPrefix
 * @returns {Entry[]}
 */
export function entries(bytes, wanted, isPrefix) {
  const reader = new Reader(bytes);
  if (reader.take(1)[0] !== VERSION) throw new Error('the index is of another version');
  const [head, decoder] = [new TextEncoder().encode(wanted), new TextDecoder()];
  const found = [];
  const term = new Uint8Array(160);
  // How many bytes of the term are those of the one that is wanted.
  let same = 0;
  while (!reader.done) {
    const shared = reader.number();
    const rest = reader.take(reader.number());
    term.set(rest, shared);
    const length = shared + rest.length;
    const code = reader.number();
    const postings = code % 2 ? reader.take(reader.number()) : null;
    if (shared < same) same = shared;
    while (same < head.length && same < length && term[same] === head[same]) same++;
    if (same < head.length || !(isPrefix || length === head.length)) continue;
    found.push({ term: decoder.decode(term.subarray(0, length)), nEpisodes: (code - (code % 2)) / 2, postings });
  }
  return found;
}

/**
 * The units of each episode that has a term.
 * @param {Uint8Array} bytes
 * @param {Map<number, Set<number>>} into
 */
export function addPostings(bytes, into) {
  const reader = new Reader(bytes);
  let episode = 0;
  while (!reader.done) {
    episode += reader.number();
    let units = into.get(episode);
    if (!units) into.set(episode, (units = new Set()));
    let unit = 0;
    let code;
    do {
      code = reader.number();
      unit += Math.floor(code / 2);
      units.add(unit);
    } while (code % 2);
  }
}
