// The reader of the browser reads the golden files as the encoder's test says they are.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { addPostings, entries } from '../../static/js/search/codec.js';
import { Engine } from '../../static/js/search/engine.js';

const read = (name) => readFile(new URL(name, import.meta.url));
const bytes = new Uint8Array(await read('terms.bin'));
const files = [];
for (let at = 0; at < bytes.length; ) {
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  files.push(bytes.subarray(at + 4, at + 4 + length));
  at += 4 + length;
}
const found = files.flatMap((file) => entries(file, '', true));
const rows = found.map(({ term, nEpisodes, postings }) => {
  const into = new Map();
  addPostings(postings, into);
  assert.equal(into.size, nEpisodes);
  return [term, [...into].map(([episode, units]) => [episode, [...units]])];
});
assert.deepEqual(rows, JSON.parse((await read('terms.json')).toString()));
for (let length = 0; length < files[0].length; length++) {
  // A torn file is an error or has fewer terms; it never hangs.
  try {
    assert.ok(entries(files[0].subarray(0, length), '', true).length < found.length);
  } catch (error) {
    assert.match(String(error), /torn|version/);
  }
}

const [chunk, facets, people, directory] = (await read('tables.jsonl')).toString().split('\n').slice(-4);
const table = { 'c.bin': chunk, 'f.bin': facets, 'p.bin': people, 'directory.bin': directory };
const engine = new Engine({ file: async (name) => new TextEncoder().encode(table[name]), text: async () => ({}), simplified: async () => '' });
const { shows, languages, of } = await engine.facets();
assert.deepEqual([shows, languages], [['A', 'B'], ['en', 'zh-Hans']]);
assert.deepEqual([...of], [
  [7, { day: 20526, year: 2026, show: 1, language: 0 }],
  [300, { day: null, year: null, show: 1, language: 0 }],
  [4000, { day: -1, year: 1969, show: 1, language: 0 }],
]);
assert.deepEqual(await engine.people(), [
  { id: 'ann', name: 'Ann', hasPage: true, slots: [7, 300] },
  { id: 'bo', name: 'Bo', hasPage: false, slots: [300] },
]);
assert.equal((await engine.episode(300)).route, '/b/潮/');
assert.equal((await engine.episode(4000)).title, '<i>"Last"');
await assert.rejects(engine.episode(8), /torn/);
