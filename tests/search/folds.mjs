// Folding in the browser is what folded.tsv says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fold, table } from '../../static/js/search/fold.js';

const read = (name) => readFile(new URL(name, import.meta.url), 'utf8');
const simplified = table(await read('../../static/search/simplified.txt'));
for (const line of (await read('folded.tsv')).trimEnd().split('\n')) {
  const [written, expected] = line.split('\t');
  assert.equal(fold(written, simplified).map(({ char }) => char).join(''), expected, written);
}
