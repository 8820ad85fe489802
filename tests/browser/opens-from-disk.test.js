import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { builtSite, openBrowser, pageKinds } from './site.js';

test('pages opened from disk work, and their links lead to files', async (t) => {
  const folder = await builtSite(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  /** @type {string[]} */
  const faults = [];
  let here = '';
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${here}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${here}: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`${here}: failed request: ${request.url()}`));

  for (const { path, kind } of await pageKinds(folder)) {
    // A host shows this one at any address, so that it alone counts from the root.
    if (kind === '404') continue;
    here = path;
    await page.goto(`${pathToFileURL(folder)}${path}index.html`, { waitUntil: 'load' });
    assert.equal(await page.locator('script[type="module"]').count(), 0, `${path} loads no module`);
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')]
      .map((link) => new URL(link.getAttribute('href') ?? '', document.baseURI).href));
    for (const link of new Set(links)) {
      const url = new URL(link);
      if (url.protocol !== 'file:') continue;
      url.hash = '';
      url.search = '';
      const found = await stat(fileURLToPath(url)).catch(() => undefined);
      if (!found?.isFile()) faults.push(`${path}: no file at ${link}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('a reader opened from disk gets from the home page to an episode by its links', async (t) => {
  const folder = await builtSite(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${pathToFileURL(folder)}/index.html`);
  await page.locator('.index h3 a').first().click();
  await page.waitForURL((url) => url.pathname !== `${pathToFileURL(folder).pathname}/index.html`);
  assert.ok(await page.locator('.transcript').count(), `${page.url()} is an episode`);
});
