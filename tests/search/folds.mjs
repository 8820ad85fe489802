// Folding in the browser is what folded.tsv says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fold, foldedTokens, table, tokens } from '../../static/js/search/fold.js';

const read = (name) => readFile(new URL(name, import.meta.url), 'utf8');
const simplified = table(await read('../../static/search/simplified.txt'));
for (const line of (await read('folded.tsv')).trimEnd().split('\n')) {
  const [written, expected] = line.split('\t');
  assert.equal(fold(written, simplified).map(({ char }) => char).join(''), expected, written);
}

// What is found without folding is what folding finds, at the same places.
const signs = ['a', 'B', '7', 'm', ' ', ' ', '.', '=', 'é', '’', '\u0338', '\u0301', '你', '好', 'Ａ', 'ﬁ', '𠀀', '1'];
let state = 7;
const next = (n) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % n;
for (let i = 0; i < 4_000; i++) {
  const text = Array.from({ length: 12 }, () => signs[next(signs.length)]).join('');
  const plain = ({ text, isRun, at, places, end }) => [text, isRun, places ?? [...text].map((_, unit) => at + unit), end];
  assert.deepEqual(tokens(text, simplified).map(plain), foldedTokens(text, 0, simplified).map(plain), JSON.stringify(text));
}
