import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite } from './site.js';

test('every page loads without an error, every link leads somewhere, and nobody else is asked', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage();
  /** @type {string[]} */
  const faults = [];
  let here = '';
  const fault = (what) => faults.push(`${here}: ${what}`);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) fault(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => fault(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => fault(`failed request: ${request.url()}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) fault(`asks another host: ${url.href}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) fault(`status ${response.status()}: ${response.url()}`);
  });

  /** Ids by the address of their page. @type {Map<string, Set<string>>} */
  const ids = new Map();
  /** @type {{ from: string, to: string, id: string }[]} */
  const anchors = [];
  const known = new Set([`${origin}/`, `${origin}/404.html`]);
  for (const address of known) {
    here = address.slice(origin.length);
    const response = await fetch(address);
    const html = response.headers.get('content-type')?.startsWith('text/html');
    await response.body?.cancel();
    if (response.status !== 200) fault(`status ${response.status}`);
    if (!html || response.status !== 200) continue;

    // Scripts go on asking: what is cut short by leaving would look like a failure.
    await page.goto(address, { waitUntil: address.endsWith('/search/') ? 'networkidle' : 'load' });
    const found = await page.evaluate(() => ({
      ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
      links: [...document.querySelectorAll('[href], [src], [poster]')].flatMap((element) =>
        ['href', 'src', 'poster'].flatMap((name) => element.getAttribute(name) ?? [])
          .map((link) => ({ link, url: URL.parse(link, document.baseURI)?.href }))),
    }));
    ids.set(address, new Set(found.ids));
    for (const { link, url } of found.links) {
      if (!url) {
        fault(`not an address: ${link}`);
        continue;
      }
      const target = new URL(url);
      if (target.origin !== origin) continue;
      const id = decodeURIComponent(target.hash.slice(1));
      target.hash = '';
      // Of a page that searches each query is another address.
      target.search = '';
      if (id) anchors.push({ from: here, to: target.href, id });
      known.add(target.href);
    }
  }
  for (const { from, to, id } of anchors) {
    if (ids.has(to) && !ids.get(to)?.has(id)) faults.push(`${from}: no #${id} in ${to.slice(origin.length)}`);
  }
  assert.deepEqual([...new Set(faults)], []);
  assert.ok(ids.size > 20, `only ${ids.size} pages were reached`);
});
