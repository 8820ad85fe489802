// Asks a built site in Chromium, and says what a reader waits for and downloads. `search.py` runs it.
//
//   node search.js FOLDER podleaf|pagefind WORD…
//
// Each word is asked for in a window that has nothing in its cache: all but its last letter, then the last one.
// Times run from the key to the first frame that shows a result, and to the one that shows all of the first page.
// Prints JSON: a row for each word.
import process from 'node:process';
import { openBrowser, served } from '../tests/browser/site.js';

const [folder, kind, ...words] = process.argv.slice(2);
/** @type {(() => unknown)[]} */
const cleanups = [];
const t = /** @type {any} */ ({ after: (cleanup) => cleanups.push(cleanup) });

/** Milliseconds from a key to the first result and to all. Runs in the page. */
function keyed([text, kind]) {
  return new Promise((resolve, reject) => {
    const input = /** @type {HTMLInputElement} */ (document.querySelector('input[name=q], .pagefind-ui__search-input'));
    const list = /** @type {HTMLElement} */ (document.querySelector(kind === 'podleaf' ? '.hits' : '#search'));
    const hit = kind === 'podleaf' ? 'article' : '.pagefind-ui__result-link';
    // It is filled last.
    const tally = /** @type {HTMLElement} */ (document.querySelector('.tally') ?? list);
    if (kind === 'podleaf') tally.textContent = '';
    const began = performance.now();
    let first = 0;
    const seen = () => {
      if (!list.querySelector(hit) || list.querySelector('.pagefind-ui__loading')) return;
      // After this frame is drawn.
      requestAnimationFrame(() => setTimeout(() => {
        first ||= performance.now() - began;
        if (!tally.textContent) return;
        observer.disconnect();
        resolve({ first, all: performance.now() - began });
      }));
    };
    const observer = new MutationObserver(seen);
    for (const one of [list, tally]) observer.observe(one, { childList: true, subtree: true });
    setTimeout(() => reject(new Error(`no results of “${text}” within 10 s`)), 10_000);
    input.value = text;
    input.dispatchEvent(new InputEvent('input', { bubbles: true, data: text.slice(-1) }));
  });
}

/** Bytes of bodies that were downloaded: of the index, and of episodes' texts. Runs in the page. */
function downloaded() {
  const sizes = { index: 0, texts: 0 };
  for (const { name, encodedBodySize } of performance.getEntriesByType('resource')) {
    const { pathname } = new URL(name);
    const isIndex = pathname.startsWith('/search/index/') || /^\/pagefind\/.*\.(pf_\w+|pagefind|json)$/.test(pathname);
    if (isIndex) sizes.index += encodedBodySize;
    else if (pathname.endsWith('/turns.json')) sizes.texts += encodedBodySize;
  }
  return sizes;
}

const PAGEFIND = `<!DOCTYPE html><html lang="en"><title>Search</title><div id="search"></div>
<link rel="stylesheet" href="/pagefind/pagefind-ui.css"><script src="/pagefind/pagefind-ui.js"></script>
<script>new PagefindUI({ element: "#search", showImages: false, debounceTimeoutMs: 0 })</script></html>`;

const [{ origin }, browser] = await Promise.all([served(t, folder), openBrowser(t)]);
const rows = [];
for (const word of words) {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (kind === 'pagefind') await page.route('**/search/', (route) => route.fulfill({ contentType: 'text/html', body: PAGEFIND }));
  await page.goto(`${origin}/search/`);
  await page.waitForLoadState('networkidle');
  const first = await page.evaluate(keyed, [word.slice(0, -1), kind]);
  // Until a reader has looked at them and goes on, all of them are there.
  await page.waitForTimeout(500);
  const { index, texts } = await page.evaluate(downloaded);
  const next = await page.evaluate(keyed, [word, kind]);
  rows.push({ word, first, next, index, texts });
  await context.close();
}
console.log(JSON.stringify(rows));
for (const cleanup of cleanups.reverse()) await cleanup();
