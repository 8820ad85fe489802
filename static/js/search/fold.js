// Folding, step by step as src/search/fold.rs does it: what differs in writing and not in words is made the same.

const CLUSTER = /[^](?:[\p{M}\u1160-\u11ff\uff9e\uff9f](?<=[\u0300-\u{10ffff}]))*/gu;
const UNSPACED =
  /^[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u1100-\u11ff\uac00-\ud7ff\u{20000}-\u{3ffff}]$/u;
const OF_WORD = /^[\p{Alphabetic}\p{N}\p{M}]$/u;
const ACCENTS = /[\u0300-\u036f]/g;
const LETTERS = new Map(Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', ı: 'i', ς: 'σ' }));

/**
 * Simplified characters by their traditional ones.
 * @param {string} pairs the text of simplified.txt
 * @returns {Map<string, string>}
 */
export function table(pairs) {
  const chars = [...pairs.trimEnd()];
  const map = new Map();
  for (let i = 0; i + 1 < chars.length; i += 2) map.set(chars[i], chars[i + 1]);
  return map;
}

/**
 * @typedef {{ char: string, at: number }} Folded a folded character, and where in the text it begins
 * @param {string} text
 * @param {Map<string, string>} simplified
 * @returns {Folded[]}
 */
export function fold(text, simplified) {
  const out = [];
  for (const match of text.matchAll(CLUSTER)) {
    const cluster = match[0];
    const at = match.index;
    if (cluster.length === 1 && cluster < '\x80') {
      out.push({ char: cluster.toLowerCase(), at });
      continue;
    }
    for (const char of cluster.normalize('NFKC')) {
      if (isUnspaced(char)) {
        out.push({ char: simplified.get(char) ?? char, at });
        continue;
      }
      for (const lower of char.toLowerCase()) {
        for (const part of lower.normalize('NFD').replace(ACCENTS, '')) {
          for (const letter of LETTERS.get(part) ?? part) out.push({ char: letter, at });
        }
      }
    }
  }
  return out;
}

/** Whether a folded character is of a script without spaces between words. */
export function isUnspaced(char) {
  return char >= '\u1100' && UNSPACED.test(char);
}

/** Whether a folded character is a part of a word. */
export function isOfWord(char) {
  return OF_WORD.test(char);
}

/**
 * A word of a script with spaces, or a run of characters of one without. `text` is folded; `places` has where each of
 * its UTF-16 units begins in the original, or is left out where they follow each other from `at` on; `end` is where the
 * last one ends.
 * @typedef {{ text: string, isRun: boolean, at: number, places?: number[], end: number }} Token
 * @param {string} text
 * @param {Map<string, string>} simplified
 * @returns {Token[]}
 */
export function tokens(text, simplified) {
  const found = [];
  for (const { 0: stretch, 1: word, index } of text.matchAll(STRETCHES)) {
    if (word) found.push({ text: word.toLowerCase(), isRun: false, at: index, end: index + word.length });
    else found.push(...foldedTokens(stretch, index, simplified));
  }
  return found;
}

// A word of ASCII; or what has other characters, with the words and signs that it may be joined to, up to a sign after
// which neither can be.
const STRETCHES =
  /([0-9A-Za-z]+)(?![0-9A-Za-z]|[^\0-\x7f])|(?:[0-9A-Za-z]+|[\0-\x7f])?[^\0-\x7f][^]*?(?:[\0-\/:-@[-`{-\x7f](?![^\0-\x7f])|$)/g;

/** The tokens of a stretch of a text in any script. */
export function foldedTokens(text, start, simplified) {
  const found = [];
  let open = null;
  const folded = fold(text, simplified);
  for (let i = 0; i < folded.length; i++) {
    const { char } = folded[i];
    const at = start + folded[i].at;
    const isRun = isUnspaced(char);
    if (open && open.isRun !== isRun) open = null;
    if (!isRun && !isOfWord(char)) {
      open = null;
      continue;
    }
    if (!open) {
      open = { text: '', isRun, at, places: [], end: at };
      found.push(open);
    }
    open.text += char;
    for (let unit = 0; unit < char.length; unit++) open.places.push(at);
    open.end = start + endOf(folded, i, text.length);
  }
  return found;
}

/** Where a unit of a token begins in the original; behind the last one, where the token ends. */
export function placeOf({ text, at, places, end }, unit) {
  if (unit >= text.length) return end;
  return places ? places[unit] : at + unit;
}

/** Where the cluster of a folded character ends: where the next one begins. */
function endOf(folded, i, length) {
  for (let next = i + 1; next < folded.length; next++) {
    if (folded[next].at !== folded[i].at) return folded[next].at;
  }
  return length;
}
