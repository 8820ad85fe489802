// The dialog to search from any page.

import { element, interfaceWords, link as hitLink, root as rootOf } from './results.js';
import { engineOf } from './source.js';
import { typed } from './typed.js';

const EPISODES = 8;
const HITS = 8;
const HITS_OF_ONE = 2;

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * Opens the dialog, which is made once.
 * @param {HTMLAnchorElement} link the link to the search page
 */
export function findDialog(link) {
  dialog ??= made(link);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('input')?.select();
}

function made(link) {
  const words = interfaceWords();
  const root = rootOf();
  const engine = engineOf(root);
  engine.warm();
  const label = link.dataset.label ?? '';
  const input = /** @type {HTMLInputElement} */ (element('input', {
    type: 'search', name: 'q', role: 'combobox', 'aria-label': label, placeholder: label, autocomplete: 'off',
    spellcheck: 'false', enterkeyhint: 'search', 'aria-expanded': 'false', 'aria-controls': 'found', 'aria-autocomplete': 'list',
  }));
  const form = element('form', { class: 'search-form', role: 'search', action: link.href }, input);
  const list = element('ol', { id: 'found', role: 'listbox', 'aria-label': label });
  const status = element('p', { class: 'tally', role: 'status' });
  const all = /** @type {HTMLAnchorElement} */ (element('a', { href: link.href }, words.text('all_found')));
  const keys = ['keys_choose', 'keys_open', 'keys_close'].map((key) => element('span', {}, words.text(key)));
  const made = /** @type {HTMLDialogElement} */ (element('dialog', { class: 'find-dialog', 'aria-label': label },
    form, element('div', { class: 'hit' }, list), status, element('p', { class: 'keys' }, ...keys, all)));
  let run = 0;
  let at = -1;

  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="option"]')]);
  const choose = (next) => {
    options().forEach((option, i) => option.setAttribute('aria-selected', String(i === next)));
    at = next;
    const chosen = options()[at];
    if (chosen) input.setAttribute('aria-activedescendant', chosen.id);
    else input.removeAttribute('aria-activedescendant');
    chosen?.scrollIntoView({ block: 'nearest' });
  };

  async function show() {
    const own = ++run;
    const query = input.value;
    const url = new URL(link.href);
    if (query.trim()) url.searchParams.set('q', query);
    all.href = url.href;
    try {
      const { candidates, parts, most } = await engine.find(query);
      const checked = await Promise.all(candidates.slice(0, EPISODES).map((one) => engine.verify(one, parts)));
      if (own !== run) return;
      const hits = checked.flatMap((one) => one.hits.slice(0, HITS_OF_ONE).map((hit) => ({ one, hit }))).slice(0, HITS);
      list.replaceChildren(...hits.map(({ one, hit }, i) => {
        const lang = one.episode.language === document.documentElement.lang ? null : one.episode.language;
        const option = hitLink(root, one, hit, query, one.episode.title);
        for (const [key, value] of Object.entries({ id: `found-${i}`, role: 'option', tabindex: '-1', lang })) {
          if (value !== null) option.setAttribute(key, value);
        }
        return element('li', { role: 'presentation' }, option);
      }));
      input.setAttribute('aria-expanded', String(hits.length > 0));
      choose(hits.length ? 0 : -1);
      const episodes = words.count('n_episodes', candidates.length);
      if (!parts.length) status.textContent = '';
      else if (!hits.length) status.textContent = words.text('found_none', { q: query });
      else if (most === null) status.textContent = words.text('found_some', { episodes });
      else status.textContent = words.text('found_at_most', { places: words.count('n_places', most), episodes });
    } catch {
      if (own === run) status.textContent = words.text('search_failed');
    }
  }

  typed(input, show);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options().length) {
      event.preventDefault();
      choose((at + step + options().length) % options().length);
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    // What is chosen belongs to what was typed a moment ago at most.
    const chosen = /** @type {HTMLAnchorElement | undefined} */ (options()[at]);
    location.href = (chosen ?? all).href;
    made.close();
  });
  // A press outside closes it; a link to this same page only moves on it.
  made.addEventListener('click', (event) => {
    if (event.target === made || /** @type {Element} */ (event.target).closest('a')) made.close();
  });
  document.body.append(made);
  return made;
}
