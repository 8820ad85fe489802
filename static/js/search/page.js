// The search page: a query, its results by episode, and filters.

import { TIERS } from './engine.js';
import { address, element, interfaceWords, link, root as rootOf } from './results.js';
import { engineOf } from './source.js';
import { typed } from './typed.js';

const EPISODES = 10;
const HITS = 5;
const PEOPLE = 12;
const FILTERS = ['show', 'person', 'year', 'language'];

/**
 * @param {HTMLElement} main
 * @param {boolean} isComposing whether what the field holds is being composed
 */
export function searchPage(main, isComposing) {
  const root = rootOf();
  const engine = engineOf(root);
  engine.warm();
  const words = interfaceWords();
  const form = /** @type {HTMLFormElement} */ (main.querySelector('form'));
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('q'));
  const [tally, results, facets, list] = ['.tally', '.results', '.results > .facets', '.hits'].map(
    (part) => /** @type {HTMLElement} */ (main.querySelector(part)),
  );
  const ways = /** @type {HTMLElement | null} */ (main.querySelector('.ways'));
  let run = 0;

  /** What the address asks for. */
  const asked = () => {
    const params = new URLSearchParams(location.search);
    const filter = Object.fromEntries(FILTERS.map((key) => [key, params.get(key) || undefined]));
    return { query: params.get('q') ?? '', filter: { ...filter, year: filter.year && Number(filter.year) } };
  };

  const changed = (changes) => {
    const params = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(changes)) {
      if (value === '' || value === undefined) params.delete(key);
      else params.set(key, String(value));
    }
    const text = params.toString();
    return text ? `?${text}` : location.pathname;
  };

  /** Typing changes the present entry of the history; what is chosen makes a new one. */
  const go = (changes, isNew) => {
    const url = changed(changes);
    if (isNew) history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    return show();
  };

  async function show() {
    const own = ++run;
    const isStale = () => own !== run;
    const { query, filter } = asked();
    try {
      const found = await engine.find(query, filter);
      if (isStale()) return;
      const isIdle = !found.parts.length && filter.person === undefined;
      results.hidden = isIdle;
      if (ways) ways.hidden = !isIdle;
      if (isIdle) {
        list.replaceChildren();
        tally.textContent = '';
        return;
      }
      const { shown = EPISODES, top } = history.state ?? {};
      const groups = filters(query, filter, found);
      groups.catch(() => {});
      const made = { next: 0, n: 0, hits: 0, isAll: false };
      let isBegun = false;
      // What was found before goes when there is something in its place.
      const begin = async () => {
        const drawn = await groups;
        if (isBegun || isStale()) return;
        isBegun = true;
        facets.replaceChildren(...drawn);
        list.replaceChildren();
      };
      for await (const some of articles(found, query, filter, shown, made)) {
        await begin();
        if (isStale()) return;
        list.append(...some);
      }
      await begin();
      if (isStale()) return;
      end(made, found, query, isStale);
      if (top !== undefined) {
        history.replaceState({ shown }, '');
        scrollTo(0, top);
      }
    } catch {
      if (isStale()) return;
      list.replaceChildren();
      tally.textContent = words.text('search_failed');
    }
  }

  /** Hands on articles of the next episodes that have what is asked for, once their order is known. */
  async function* articles({ candidates, parts }, query, filter, wanted, made) {
    const enough = made.n + wanted;
    while (made.n < enough && made.next < candidates.length) {
      const batch = candidates.slice(made.next, made.next + EPISODES);
      made.next += batch.length;
      for (const { slot } of batch) engine.text(slot).catch(() => {});
      // The order of one word is that of the index; of several, phrases stand before scattered words.
      const size = parts.length > 1 ? batch.length : 1;
      for (let i = 0; i < batch.length; i += size) {
        const checks = batch.slice(i, i + size).map((one) => engine.verify(one, parts, filter.person ?? null));
        const found = (await Promise.all(checks)).filter(({ hits }) => hits.length).sort((a, b) => rank(a) - rank(b));
        made.n += found.length;
        for (const one of found) made.hits += one.hits.length;
        if (!found.length) continue;
        yield await Promise.all(found.map((one) => article(one, query)));
        // What is there is drawn before the next one is looked at.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    made.isAll = made.next >= candidates.length;
  }

  /** Says how many there are, and leads on where that is not all. */
  function end(made, found, query, isStale) {
    count(made, found, query);
    if (!made.isAll) list.append(moreButton(made, found, query, isStale));
  }

  function count(made, { candidates, most }, query) {
    const episodes = words.count('n_episodes', made.isAll ? made.n : candidates.length);
    if (made.isAll && !made.n) tally.textContent = words.text('found_none', { q: query });
    else if (made.isAll) tally.textContent = words.text('found', { places: words.count('n_places', made.hits), episodes });
    else if (most === null) tally.textContent = words.text('found_some', { episodes });
    else tally.textContent = words.text('found_at_most', { places: words.count('n_places', most), episodes });
  }

  function moreButton(made, found, query, isStale) {
    const button = element('button', { type: 'button', class: 'more' }, words.text('show_more'));
    button.addEventListener('click', async () => {
      button.disabled = true;
      let first;
      for await (const some of articles(found, query, asked().filter, EPISODES, made)) {
        if (isStale()) return;
        button.before(...some);
        first ??= some[0];
      }
      if (isStale()) return;
      button.remove();
      end(made, found, query, isStale);
      history.replaceState({ shown: made.n }, '');
      first?.querySelector('a')?.focus();
    });
    return button;
  }

  async function article(one, query) {
    const { shows } = await engine.facets();
    const { episode, text, hits } = one;
    const bits = [shows[episode.show], text.date, words.count('n_places', hits.length)];
    const items = hits.slice(0, HITS).map((hit) => element('li', {}, link(root, one, hit, query)));
    if (hits.length > HITS) {
      const rest = element('small', {}, words.count('further_places', hits.length - HITS));
      items.push(element('li', {}, element('a', { href: address(root, one, hits[HITS], query) }, rest)));
    }
    const lang = episode.language === document.documentElement.lang ? null : episode.language;
    const title = element('a', { href: address(root, one, { unit: 0 }, query) }, episode.title);
    return element(
      'article',
      { class: 'hit' },
      element('header', {}, element('h2', { lang }, title),
        element('p', { class: 'bits' }, ...bits.filter(Boolean).map((bit) => element('span', {}, bit)))),
      element('ol', { lang }, ...items),
    );
  }

  /** Filters, each with the number of episodes that the index has for it. */
  async function filters(query, filter, found) {
    const { shows, languages, of } = await engine.facets();
    const isFiltered = FILTERS.some((key) => filter[key] !== undefined);
    const wide = isFiltered ? await engine.find(query, query.trim() ? {} : { person: filter.person }) : found;
    const slots = wide.candidates.map(({ slot }) => slot);
    const counted = (value) => {
      const n = new Map();
      for (const slot of slots) n.set(value(of.get(slot)), (n.get(value(of.get(slot))) ?? 0) + 1);
      n.delete(null);
      return [...n].sort((a, b) => b[1] - a[1]);
    };
    const isIn = new Set(slots);
    const people = (await engine.people()).map(({ id, name, slots }) => [id, name, slots.filter((slot) => isIn.has(slot)).length]);
    const known = people.filter(([id, , n]) => n || id === filter.person).sort((a, b) => b[2] - a[2]);
    const names = known.filter(([id], i) => i < PEOPLE || id === filter.person);
    const groups = [
      ['show', 'shows', counted((e) => shows[e.show]).map(([title, n]) => [title, title, n])],
      ['person', 'people', names],
      ['year', 'years', counted((e) => e.year).sort((a, b) => b[0] - a[0]).map(([year, n]) => [year, String(year), n])],
      ['language', 'languages', counted((e) => languages[e.language]).map(([tag, n]) => [tag, languageName(tag), n])],
    ];
    const drawn = groups.filter(([key, , rows]) => rows.length > 1 || filter[key] !== undefined);
    return drawn.map(([key, title, rows]) => {
      const all = entry(key, [undefined, words.text('all'), slots.length], filter);
      const items = rows.map((row) => entry(key, row, filter));
      return element('div', {}, element('h2', {}, words.text(title)), element('ul', {}, all, ...items));
    });
  }

  function entry(key, [value, name, n], filter) {
    const isCurrent = filter[key] === value;
    const made = element('a', { href: changed({ [key]: value }), 'aria-current': isCurrent ? 'true' : null }, name);
    made.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      go({ [key]: value }, true).then(() => {
        /** @type {HTMLElement | null} */ (facets.querySelector(`a[href="${CSS.escape(changed({ [key]: value }))}"]`))?.focus();
      });
    });
    return element('li', {}, made, ' ', element('span', { class: 'num' }, String(n)));
  }

  const search = (isNew) => go({ q: input.value.trim() ? input.value : '' }, isNew);
  /** Shows what the address asks for, in the field as well. */
  const restore = () => {
    input.value = asked().query;
    return show();
  };
  typed(input, () => search(false), isComposing);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    search(true);
  });
  // From the field down through the results and back.
  main.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = [input, .../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('a, button'))];
    const at = all.indexOf(/** @type {any} */ (event.target));
    if (!step || at < 0 || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    all[Math.min(Math.max(at + step, 0), all.length - 1)].focus();
  });
  addEventListener('popstate', restore);
  addEventListener('pagehide', () => history.replaceState({ ...history.state, top: scrollY }, ''));
  main.querySelector('.needs')?.remove();
  // What was typed before this script was there stands above what the address asks for.
  if (!input.value) restore();
  else if (isComposing) show();
  else search(false);
}

/** Phrases stand before scattered words. */
function rank({ tier, hits }) {
  return tier * 2 + (tier === TIERS.turn && !hits.some(({ isPhrase }) => isPhrase) ? 1 : 0);
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
