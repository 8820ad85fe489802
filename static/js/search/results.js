// Results as elements. Text comes in as text nodes only, whatever is in it.

import { FIRST_TURN } from './engine.js';
import { encoded } from './source.js';

const BEFORE = 60;
const AFTER = 140;

/** @returns {HTMLElement} */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

/**
 * The words of the interface, which the link to search holds.
 * @typedef {{ text: (key: string, values?: Record<string, unknown>) => string, count: (key: string, n: number) => string }} Words
 * @returns {Words}
 */
export function interfaceWords() {
  const link = /** @type {HTMLElement} */ (document.querySelector('.find'));
  const words = JSON.parse(link.dataset.words ?? '{}');
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const numbers = new Intl.NumberFormat('en');
  const filled = (sentence, values) =>
    sentence.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
  return {
    text: (key, values = {}) => filled(String(words[key] ?? ''), values),
    count: (key, n) => {
      const forms = words[key] ?? {};
      return filled(String(forms[rules.select(n)] ?? forms.other ?? ''), { n: numbers.format(n) });
    },
  };
}

/** The address of the site's home page. */
export function root() {
  return /** @type {HTMLAnchorElement} */ (document.querySelector('.brand')).href;
}

/** A hit as a link: who says it, the words, and where. */
export function link(root, one, hit, query, more = '') {
  const turn = one.text.turns[hit.unit - FIRST_TURN];
  const section = turn && one.text.sections[turn.section]?.title;
  const where = [more, section, turn?.start === undefined ? '' : clock(turn.start)].filter(Boolean).join(' · ');
  const speaker = turn?.speaker && element('span', { class: 'speaker', 'data-speaker': turn.hue }, turn.speaker);
  return element('a', { href: address(root, one, hit, query) }, speaker, ...snippet(hit), where && ' ', where && element('small', {}, where));
}

/** The words around marks of a hit: where most that differ stand together. */
export function snippet({ text, marks }) {
  const [first, end] = densest(text, marks);
  let from = Math.max(0, first - BEFORE);
  let to = Math.min(text.length, Math.max(first + AFTER, end));
  if (from > 0) from = Math.min(boundary(text, from), first);
  if (to < text.length) to = Math.max(boundary(text, to), end);
  const nodes = [from > 0 ? '…' : ''];
  let at = from;
  for (const [start, end] of marks) {
    if (start < at || start >= to) continue;
    nodes.push(text.slice(at, start), element('mark', {}, text.slice(start, Math.min(end, to))));
    at = Math.min(end, to);
  }
  nodes.push(text.slice(at, to), to < text.length ? '…' : '');
  return nodes.filter(Boolean);
}

function densest(text, marks) {
  let [best, most] = [marks[0] ?? [0, 0], 0];
  for (const mark of marks) {
    const near = marks.filter(([start, end]) => start >= mark[0] && end <= mark[0] + AFTER);
    const n = new Set(near.map(([start, end]) => text.slice(start, end).toLowerCase())).size;
    if (n > most) [best, most] = [mark, n];
  }
  return best;
}

/** The next place where a word begins; between two characters of one sign there is none. */
function boundary(text, at) {
  const space = text.slice(at, at + 16).search(/[\s，。；：、]/);
  const place = space >= 0 ? at + space + 1 : at;
  return /[\udc00-\udfff]/.test(text[place] ?? '') ? place + 1 : place;
}

/** The link to a hit: it opens the page at the turn, with the words marked. */
export function address(root, { episode, text }, hit, query) {
  const url = new URL(encoded(episode.route.slice(1)), root);
  if (query) url.searchParams.set('find', query);
  const turn = text.turns[hit.unit - FIRST_TURN];
  const place = turn?.id ?? text.sections[turn?.section ?? -1]?.id;
  if (place) url.hash = place;
  return url.href;
}

/** Seconds as `12:34` or `1:02:03`. */
function clock(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (n) => String(n).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
