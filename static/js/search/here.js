// Finds in the transcript of a page: marks what is found, and goes from one place to the next.

import { joined } from './engine.js';
import { table, tokens } from './fold.js';
import { parse, places } from './query.js';
import { interfaceWords } from './results.js';
import { simplifiedPairs } from './source.js';
import { typed } from './typed.js';

const TEXTS = '.keypoints li > div, .background > p, .sect > h2 > .t, .turn > p, .unattributed, .cue';

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<(query: string, isArrival: boolean) => void>} Finds, and shows the first place or that of the address.
 */
export async function here(form) {
  const words = interfaceWords();
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('find'));
  const output = /** @type {HTMLOutputElement} */ (form.querySelector('output'));
  const steps = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll('[data-step]'));
  const close = /** @type {HTMLButtonElement} */ (form.querySelector('[data-close]'));
  const body = document.querySelector('.body');
  const simplified = /[\u3400-\uffff]/u.test(body?.textContent ?? '') ? table(await simplifiedPairs()) : new Map();
  const texts = /** @type {HTMLElement[]} */ ([...(body?.querySelectorAll(TEXTS) ?? [])]).map((element) => ({
    element,
    unit: element.closest('.turn') ?? element,
    tokens: tokens(element.textContent ?? '', simplified),
  }));
  /** @type {HTMLElement[][]} The marks of each place. */
  let found = [];
  let at = 0;

  const clear = () => {
    for (const mark of found.flat()) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent?.normalize();
    }
    found = [];
  };

  const show = (next, scrolls = true) => {
    found[at]?.forEach((mark) => mark.removeAttribute('aria-current'));
    at = found.length ? (next + found.length) % found.length : 0;
    found[at]?.forEach((mark) => mark.setAttribute('aria-current', 'true'));
    if (scrolls) found[at]?.[0].scrollIntoView({ block: 'center' });
    const isEmpty = !input.value.trim();
    output.textContent = isEmpty ? '' : words.text('found_place', { n: found.length ? at + 1 : 0, total: found.length });
    steps.forEach((button) => (button.disabled = found.length < 2));
    close.hidden = isEmpty;
    form.classList.toggle('is-open', !isEmpty);
  };

  const find = (query, isArrival) => {
    clear();
    const parts = parse(query, simplified);
    for (const { element, marks } of parts.length ? marksOf(parts, texts) : []) {
      for (const [from, to] of marks) found.push(marked(element, from, to));
    }
    const target = isArrival && location.hash ? document.querySelector(':target') : null;
    const own = target ? found.findIndex(([mark]) => target.contains(mark)) : -1;
    at = 0;
    // A page that opens at a turn stays there.
    show(Math.max(own, 0), !target);
    if (target) target.scrollIntoView();
  };

  typed(input, () => find(input.value, false));
  steps.forEach((button) => button.addEventListener('click', () => show(at + Number(button.dataset.step))));
  const end = () => {
    input.value = '';
    find('', false);
  };
  close.addEventListener('click', () => {
    end();
    input.focus();
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') show(at + (event.shiftKey ? -1 : 1));
    else if (event.key === 'Escape') end();
  });
  if (input.value) find(input.value, false);
  return (query, isArrival) => {
    input.value = query;
    find(query, isArrival);
  };
}

/** What to mark: turns that have all parts; where there are none, whatever has one. */
function marksOf(parts, texts) {
  const own = texts.map(({ element, unit, tokens }) => {
    const of = parts.map((part) => places(part, tokens));
    return { element, unit, has: parts.filter((_, i) => of[i].length), marks: joined(of.flat()) };
  });
  const has = new Map();
  for (const one of own) has.set(one.unit, new Set([...(has.get(one.unit) ?? []), ...one.has]));
  const whole = own.filter(({ unit, marks }) => marks.length && has.get(unit).size === parts.length);
  return whole.length ? whole : own.filter(({ marks }) => marks.length);
}

/**
 * Marks a stretch of an element's text, which may lie in several nodes. Stretches come in their order.
 * @returns {HTMLElement[]}
 */
function marked(element, from, to) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {{ node: Text, start: number, end: number }[]} */
  const pieces = [];
  for (let start = 0; start < to && walker.nextNode(); ) {
    const node = /** @type {Text} */ (walker.currentNode);
    const end = start + node.length;
    if (end > from) pieces.push({ node, start: Math.max(from - start, 0), end: Math.min(to, end) - start });
    start = end;
  }
  return pieces.map(({ node, start, end }) => {
    const own = node.splitText(start);
    own.splitText(end - start);
    const mark = document.createElement('mark');
    own.replaceWith(mark);
    mark.append(own);
    return mark;
  });
}
