// Finds what was said: candidates from the index, each checked on the text before it is shown.

import { addPostings, entries, VERSION } from './codec.js';
import { table, tokens } from './fold.js';
import { parse, places, terms } from './query.js';

/** Units of an episode before its turns: title; names, topics and series; notes. */
export const FIRST_TURN = 3;

/** A word that is being typed is the head of words where these lie in at most so many files. */
const MOST_FILES = 4;

/** What is found: in the title and other notes, in one turn, in turns of one episode. */
export const TIERS = { notes: 0, turn: 1, episode: 2 };

/**
 * @typedef {import('./query.js').Part} Part
 * @typedef {{ show?: string, person?: string, year?: number, language?: string }} Filter titles, ids, years and tags
 * @typedef {{ slot: number, tier: number, units: Set<number> | null }} Candidate `null`: any unit
 * @typedef {{ parts: Part[], candidates: Candidate[], most: number | null }} Found `most` is how many hits there can be
 * @typedef {{ unit: number, text: string, marks: [number, number][], isPhrase: boolean }} Hit
 */
export class Engine {
  /**
   * @param {{
   *   file: (name: string) => Promise<Uint8Array>,
   *   text: (route: string) => Promise<any>,
   *   simplified: () => Promise<string>,
   * }} source unpacked files of the index; `turns.json` of an episode; the table of characters
   */
  constructor(source) {
    this.source = source;
    this.kept = new Map();
  }

  /** What a name leads to, made once. */
  once(name, make) {
    let made = this.kept.get(name);
    if (!made) {
      made = make();
      this.kept.set(name, made);
      made.catch(() => this.kept.delete(name));
    }
    return made;
  }

  json(name) {
    return this.once(`json ${name}`, async () => JSON.parse(new TextDecoder().decode(await this.source.file(name))));
  }

  async directory() {
    const directory = await this.json('directory.bin');
    if (directory.version !== VERSION) throw new Error('the index is of another version');
    return directory;
  }

  /** The table of characters, where a text has any that may be in it. */
  table(text) {
    if (!/[\u3400-\uffff]/u.test(text)) return Promise.resolve(new Map());
    return this.once('simplified', async () => table(await this.source.simplified()));
  }

  /** Shows, languages, and of each episode by its number the day, show and language. */
  facets() {
    return this.once('facets', async () => {
      const { shows, languages, episodes } = await this.json((await this.directory()).facets);
      const of = new Map();
      let slot = 0;
      for (let i = 0; i < episodes.length; i += 4) {
        slot += episodes[i];
        const day = episodes[i + 1];
        const year = day === null ? null : new Date(day * 86400000).getUTCFullYear();
        of.set(slot, { day, year, show: episodes[i + 2], language: episodes[i + 3] });
      }
      return { shows, languages, of };
    });
  }

  /** @returns {Promise<{ id: string, name: string, hasPage: boolean, slots: number[] }[]>} */
  people() {
    return this.once('people', async () => {
      const [{ of }, { people, episodes }] = await Promise.all([
        this.facets(),
        this.directory().then((directory) => this.json(directory.people)),
      ]);
      const all = people.map(([id, name, hasPage]) => ({ id, name, hasPage, slots: [] }));
      let at = 0;
      for (const slot of of.keys()) {
        const end = at + 1 + episodes[at];
        while (++at < end) all[episodes[at]].slots.push(slot);
      }
      return all;
    });
  }

  /** Gets what every query needs, before there is one. */
  warm() {
    this.facets().catch(() => {});
  }

  /** What an episode is called and where it is. */
  async episode(slot) {
    const { chunks, slots } = await this.directory();
    const [, rows] = await this.json(chunks[Math.floor(slot / (slots / chunks.length))]);
    const row = rows.find(([number]) => number === slot);
    if (!row) throw new Error('the index is torn');
    const [, route, title, language, show] = row;
    return { slot, route, title, language, show };
  }

  /**
   * The episodes that may have what is asked for, the best first.
   * @param {string} query
   * @param {Filter} filter
   * @returns {Promise<Found>}
   */
  async find(query, filter = {}) {
    try {
      return await this.candidates(query, filter);
    } catch {
      // Another index may have been published meanwhile, with other files.
      this.kept.clear();
      return this.candidates(query, filter);
    }
  }

  async candidates(query, filter) {
    const [simplified, directory] = await Promise.all([this.table(query), this.directory()]);
    const parts = parse(query, simplified);
    if (!parts.length && filter.person === undefined) return { parts, candidates: [], most: 0 };
    for (const part of parts) part.isPrefix &&= isNarrow(directory, part);
    const [facets, isWanted, ...found] = await Promise.all([
      this.facets(),
      this.wanted(filter),
      ...parts.map((part) => this.unitsOf(part)),
    ]);
    const known = found.filter((units) => units !== null);
    const candidates = [];
    let most = known.length ? 0 : null;
    for (const slot of known.length ? known[0].keys() : facets.of.keys()) {
      if (!isWanted(slot) || !known.every((units) => units.has(slot))) continue;
      const units = known.length ? inAll(known.map((units) => units.get(slot))) : null;
      const tier = !units ? TIERS.turn : units.size ? (Math.min(...units) < FIRST_TURN ? 0 : 1) : TIERS.episode;
      if (most !== null) most += units.size || 1;
      candidates.push({ slot, tier, units: tier === TIERS.episode ? union(known, slot) : units });
    }
    const day = (slot) => facets.of.get(slot).day ?? -Infinity;
    candidates.sort((a, b) => a.tier - b.tier || compareNumbers(day(b.slot), day(a.slot)) || a.slot - b.slot);
    return { parts, candidates, most };
  }

  async wanted(filter) {
    const { person } = filter;
    const facets = await this.facets();
    const slots = person === undefined ? null : new Set((await this.people()).find(({ id }) => id === person)?.slots);
    return (slot) => {
      const of = facets.of.get(slot);
      if (!of || (slots && !slots.has(slot))) return false;
      const own = { show: facets.shows[of.show], year: of.year, language: facets.languages[of.language] };
      return Object.entries(own).every(([key, value]) => filter[key] === undefined || filter[key] === value);
    };
  }

  /** The units that have all terms of a part, by episode; `null` where any may. */
  async unitsOf(part) {
    let units = null;
    const all = await Promise.all(terms(part).map((term) => this.postings(term)));
    for (const one of all.filter((one) => one !== null)) {
      units = units ? both(units, one) : one;
    }
    return units;
  }

  /** The units of a term, by episode; `null` where the index does not say. */
  async postings({ term, isPrefix }) {
    const { terms: files } = await this.directory();
    const n = files.length / 2;
    const [first, last] = range(files, term, isPrefix);
    const names = [];
    for (let i = first; i <= last && n; i++) names.push(files[2 * i + 1]);
    const found = await Promise.all(names.map(async (name) => entries(await this.bytes(name), term, isPrefix)));
    const units = new Map();
    for (const entry of found.flat()) {
      if (!entry.postings) return null;
      addPostings(entry.postings, units);
    }
    return units;
  }

  bytes(name) {
    return this.once(name, () => this.source.file(name));
  }

  /** An episode and what is said in it. */
  text(slot) {
    return this.once(`text ${slot}`, async () => {
      const episode = await this.episode(slot);
      const text = await this.source.text(episode.route);
      return { episode, text, units: unitsOf(text) };
    });
  }

  /**
   * The hits of a candidate, in its order of units; none where the index was too wide.
   * @param {Candidate} candidate
   * @param {Part[]} parts
   * @param {string | null} person the id of whoever is to have said it
   * @returns {Promise<{ episode: any, text: any, tier: number, hits: Hit[] }>}
   */
  async verify(candidate, parts, person = null) {
    const { episode, text, units } = await this.text(candidate.slot);
    const wanted = candidate.units ? [...candidate.units].sort(compareNumbers) : units.map((_, unit) => unit);
    const isAny = candidate.tier === TIERS.episode;
    const hits = [];
    const missing = new Set(parts);
    for (const unit of wanted) {
      if (person !== null && text.turns[unit - FIRST_TURN]?.person !== person) continue;
      const found = await Promise.all((units[unit] ?? []).map((stretch) => this.hit(stretch, parts)));
      const has = new Set(found.flatMap((one) => one.has));
      if (isAny ? !has.size : has.size < parts.length) continue;
      has.forEach((part) => missing.delete(part));
      const own = found.filter((one) => !parts.length || one.has.length);
      hits.push(...own.map(({ text, marks, isPhrase }) => ({ unit, text, marks, isPhrase })));
    }
    if (missing.size) hits.length = 0;
    if (!hits.length && parts.length > 1 && !isAny) {
      return this.verify({ ...candidate, tier: TIERS.episode, units: null }, parts, person);
    }
    const tier = isAny ? TIERS.episode : hits.some((hit) => hit.unit < FIRST_TURN) ? TIERS.notes : TIERS.turn;
    return { episode, text, tier, hits };
  }

  /** Which parts a text has, and where. */
  async hit(stretch, parts) {
    if (!parts.length) return { text: stretch.text, has: [], isPhrase: false, marks: [] };
    stretch.tokens ??= tokens(stretch.text, await this.table(stretch.text));
    const of = parts.map((part) => places(part, stretch.tokens));
    const has = parts.filter((_, i) => of[i].length);
    const whole = { tokens: parts.flatMap((part) => part.tokens), isPrefix: parts.at(-1).isPrefix };
    const isPhrase = parts.length > 1 && has.length === parts.length && places(whole, stretch.tokens).length > 0;
    return { text: stretch.text, has, isPhrase, marks: joined(of.flat()) };
  }
}

/**
 * The texts of each unit of an episode, and once they were looked at their tokens.
 * @typedef {{ text: string, tokens?: import('./fold.js').Token[] }} Stretch
 * @param {any} text its `turns.json`
 * @returns {Stretch[][]}
 */
export function unitsOf(text) {
  const written = [...text.key_points, ...text.notes];
  // A description that nobody wrote repeats the words of the episode.
  const start = text.description.replace(/…$/, '');
  const isOwn = ![...written, ...text.turns.flatMap((turn) => turn.text)].some((other) => other.includes(start));
  const notes = [isOwn ? text.description : '', ...written, ...text.sections.map(({ title }) => title)];
  const names = [...text.people, ...text.topics, ...text.series];
  const units = [[text.title], names, notes.filter(Boolean), ...text.turns.map((turn) => turn.text)];
  return units.map((texts) => texts.map((text) => ({ text })));
}

/** Whether the words that begin with the last word of a part lie in few files: else it is a whole word. */
function isNarrow(directory, part) {
  const [{ term }] = terms(part).slice(-1);
  const [first, last] = range(directory.terms, term, true);
  return last - first < MOST_FILES;
}

/** The first and last file that may have a term, or the terms that begin with it. */
function range(files, term, isPrefix) {
  const n = files.length / 2;
  const first = lastAtMost(files, n, term);
  let last = first;
  while (isPrefix && last + 1 < n && files[2 * (last + 1)].startsWith(term)) last++;
  return [first, last];
}

const compareNumbers = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The last file whose first term is not after a term. Terms are in the order of their UTF-8. */
function lastAtMost(files, n, term) {
  let [from, to] = [0, n];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isAfter(files[2 * middle], term)) to = middle;
    else from = middle + 1;
  }
  return Math.max(from - 1, 0);
}

/** Whether a term comes after another by its code points. */
function isAfter(one, other) {
  const [a, b] = [[...one], [...other]];
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a[i].codePointAt(0) - b[i].codePointAt(0);
    if (difference) return difference > 0;
  }
  return a.length > b.length;
}

/** The units of episodes that are in both. */
function both(one, other) {
  const units = new Map();
  for (const [slot, of] of one) {
    const common = inAll([of, other.get(slot) ?? new Set()]);
    if (common.size) units.set(slot, common);
  }
  return units;
}

function inAll(sets) {
  const [first, ...others] = sets;
  return new Set([...first].filter((unit) => others.every((set) => set.has(unit))));
}

function union(known, slot) {
  return new Set(known.flatMap((units) => [...units.get(slot)]));
}

/** Marks in order, those that touch as one. */
export function joined(marks) {
  const out = [];
  for (const [from, to] of marks.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}
