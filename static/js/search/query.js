// Queries: what is asked for, and where a text has it.

import { placeOf, tokens } from './fold.js';

const QUOTES = /["“”„«»「」『』]/;

/**
 * A part of a query: tokens that follow each other. `isPrefix` where its last word is still being typed.
 * @typedef {import('./fold.js').Token} Token
 * @typedef {{ tokens: Token[], isPrefix: boolean }} Part
 * @param {string} query
 * @param {Map<string, string>} simplified
 * @returns {Part[]} each word, run and quoted phrase
 */
export function parse(query, simplified) {
  const parts = [];
  let isQuoted = false;
  for (const stretch of query.split(QUOTES)) {
    const found = tokens(stretch, simplified);
    if (isQuoted && found.length) parts.push({ tokens: found, isPrefix: false });
    if (!isQuoted) parts.push(...found.map((token) => ({ tokens: [token], isPrefix: false })));
    isQuoted = !isQuoted;
  }
  const last = parts.at(-1);
  const token = last?.tokens.at(-1);
  const isOpen = token && !token.isRun && /[\p{Alphabetic}\p{N}\p{M}]$/u.test(query.normalize('NFKC'));
  if (isOpen && last.tokens.length === 1) last.isPrefix = true;
  return parts;
}

/**
 * The terms of the index that a part is found by. A text with the part has all of them in one unit.
 * @param {Part} part
 * @returns {{ term: string, isPrefix: boolean }[]}
 */
export function terms(part) {
  const found = [];
  for (const token of part.tokens) {
    const chars = [...token.text];
    if (!token.isRun) {
      found.push({ term: chars.slice(0, LONGEST_WORD).join(''), isPrefix: part.isPrefix });
    } else if (chars.length === 1) {
      found.push({ term: chars[0], isPrefix: true });
    } else {
      for (let i = 0; i + 1 < chars.length; i++) found.push({ term: chars[i] + chars[i + 1], isPrefix: false });
    }
  }
  return found;
}

const LONGEST_WORD = 32;

/**
 * Where a text has a part.
 * @param {Part} part
 * @param {Token[]} text
 * @returns {[number, number][]} from and to, in UTF-16 units of the text
 */
export function places(part, text) {
  const found = [];
  const n = part.tokens.length;
  for (let first = 0; first + n <= text.length; first++) {
    if (n === 1) {
      found.push(...within(part.tokens[0], part.isPrefix, text[first]));
    } else if (part.tokens.every((wanted, i) => follows(wanted, text[first + i], i === 0, i === n - 1))) {
      const [head, tail] = [text[first], text[first + n - 1]];
      const from = head.isRun ? head.text.length - part.tokens[0].text.length : 0;
      const to = tail.isRun ? part.tokens[n - 1].text.length : tail.text.length;
      found.push([placeOf(head, from), placeOf(tail, to)]);
    }
  }
  return found;
}

/** Where one token of a text has a token that is asked for alone. */
function within(wanted, isPrefix, token) {
  if (wanted.isRun !== token.isRun) return [];
  if (!wanted.isRun) {
    const has = isPrefix ? token.text.startsWith(wanted.text) : token.text === wanted.text;
    return has ? [[token.at, token.end]] : [];
  }
  const found = [];
  for (let at = token.text.indexOf(wanted.text); at >= 0; at = token.text.indexOf(wanted.text, at + 1)) {
    found.push([placeOf(token, at), placeOf(token, at + wanted.text.length)]);
  }
  return found;
}

/** Whether a token of a text can be the token of a phrase: a run may begin before the first and end after the last. */
function follows(wanted, token, isFirst, isLast) {
  if (wanted.isRun !== token.isRun) return false;
  if (!wanted.isRun) return token.text === wanted.text;
  if (isFirst) return token.text.endsWith(wanted.text);
  return isLast ? token.text.startsWith(wanted.text) : token.text === wanted.text;
}
