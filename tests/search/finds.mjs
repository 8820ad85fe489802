// Runs queries on a published index and compares the hits with those of a plain scan.
// node finds.mjs PUBLISHED_FOLDER CASES.json
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Engine } from '../../static/js/search/engine.js';

const [folder, cases] = process.argv.slice(2);
const engine = new Engine({
  file: async (name) => gunzipSync(await readFile(path.join(folder, 'search/index', name))),
  text: async (route) => JSON.parse(await readFile(path.join(folder, route, 'turns.json'), 'utf8')),
  simplified: () => readFile(new URL('../../static/search/simplified.txt', import.meta.url), 'utf8'),
});
const plain = (text) => text.split(/\s+/).filter(Boolean).join(' ');

const all = JSON.parse(await readFile(cases, 'utf8'));
const faults = [];
let nWith = 0;
for (const { query, hits: expected } of all) {
  const { candidates, parts, most } = await engine.find(query);
  const found = {};
  let n = 0;
  for (const candidate of candidates) {
    const { episode, tier, hits } = await engine.verify(candidate, parts);
    if (!hits.length) continue;
    found[episode.route] = hits.map(({ text }) => plain(text)).sort();
    if (tier < 2) n += new Set(hits.map(({ unit }) => unit)).size;
    if (hits.some(({ marks }) => !marks.length)) faults.push(`${JSON.stringify(query)}: a hit without a mark`);
  }
  if (most !== null && n > most) faults.push(`${JSON.stringify(query)}: ${n} hits, and at most ${most} were promised`);
  nWith += Object.keys(expected).length > 0;
  for (const route of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [want, have] = [expected[route] ?? [], found[route] ?? []];
    const [missing, more] = [want.filter((text) => !have.includes(text)), have.filter((text) => !want.includes(text))];
    for (const text of missing) faults.push(`${JSON.stringify(query)}: missing in ${route}: ${text.slice(0, 80)}`);
    for (const text of more) faults.push(`${JSON.stringify(query)}: false in ${route}: ${text.slice(0, 80)}`);
  }
}
if (faults.length) {
  console.log(faults.slice(0, 60).join('\n'));
  console.log(`${faults.length} faults`);
  process.exit(1);
}
console.log(`${all.length} queries, ${nWith} with hits: none is missing, none is false`);
