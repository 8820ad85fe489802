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
 * A word of a script with spaces, or a run of characters of one without.
 * @typedef {{ text: string, isRun: boolean, places: number[], end: number }} Token
 * `places` has where each UTF-16 unit of `text` begins in the original, `end` where the last one ends.
 * @param {string} text
 * @param {Map<string, string>} simplified
 * @returns {Token[]}
 */
export function tokens(text, simplified) {
  const found = [];
  let open = null;
  const folded = fold(text, simplified);
  for (let i = 0; i < folded.length; i++) {
    const { char, at } = folded[i];
    const isRun = isUnspaced(char);
    if (open && open.isRun !== isRun) open = null;
    if (!isRun && !isOfWord(char)) {
      open = null;
      continue;
    }
    if (!open) {
      open = { text: '', isRun, places: [], end: at };
      found.push(open);
    }
    open.text += char;
    for (let unit = 0; unit < char.length; unit++) open.places.push(at);
    open.end = endOf(folded, i, text.length);
  }
  return found;
}

/** Where the cluster of a folded character ends: where the next one begins. */
function endOf(folded, i, length) {
  for (let next = i + 1; next < folded.length; next++) {
    if (folded[next].at !== folded[i].at) return folded[next].at;
  }
  return length;
}
