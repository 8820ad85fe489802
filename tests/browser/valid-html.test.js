import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, openSite } from './site.js';

test('every page has one h1, headings in order, ids once, and languages that exist', async (t) => {
  const { folder, origin, browser } = await openSite(t);
  const page = await browser.newPage();
  /** @type {string[]} */
  const faults = [];
  for (const { path } of await allPages(folder)) {
    await page.goto(origin + path);
    const found = await page.evaluate(async () => {
      const problems = [];
      const all = (selector) => [...document.querySelectorAll(selector)];
      if (document.compatMode !== 'CSS1Compat') problems.push('no doctype');
      if (!document.title.trim()) problems.push('no title');
      const icon = new Image();
      icon.src = document.querySelector('link[rel="icon"]')?.getAttribute('href') ?? '';
      await icon.decode().catch(() => problems.push('no icon'));

      const ids = new Set();
      for (const { id } of all('[id]')) {
        if (ids.has(id)) problems.push(`id twice: ${id}`);
        if (!id || /\s/.test(id)) problems.push(`not an id: "${id}"`);
        ids.add(id);
      }
      for (const name of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
        for (const element of all(`[${name}]`)) {
          for (const id of element.getAttribute(name).split(/\s+/)) {
            if (!ids.has(id)) problems.push(`${name} of nothing: ${id}`);
          }
        }
      }

      const count = all('h1').length;
      if (count !== 1) problems.push(`${count} h1`);
      let level = 0;
      for (const heading of all('h1, h2, h3, h4, h5, h6')) {
        const next = Number(heading.localName[1]);
        if (next > level + 1) problems.push(`h${level} then h${next}: ${heading.textContent}`);
        if (!heading.textContent.trim()) problems.push(`empty h${next}`);
        level = next;
      }

      if (!document.documentElement.lang) problems.push('no lang');
      for (const element of all('[lang]')) {
        try {
          Intl.getCanonicalLocales(element.lang);
          if (!element.lang) problems.push(`empty lang on ${element.localName}`);
        } catch {
          problems.push(`no such lang: ${element.lang}`);
        }
      }

      for (const nav of all('.toc')) if (nav.querySelectorAll('li a').length < 2) problems.push('contents of one entry');
      if (all('main').length !== 1) problems.push('not one main');
      for (const image of all('img:not([alt])')) problems.push(`no alt: ${image.getAttribute('src')}`);
      for (const inner of all('a[href] :is(a, button, input, select, summary), button :is(a, button)')) {
        problems.push(`nested control: ${inner.outerHTML.slice(0, 80)}`);
      }
      for (const time of all('time[datetime=""], a[href=""]')) problems.push(`empty attribute: ${time.outerHTML.slice(0, 80)}`);
      return problems;
    });
    faults.push(...found.map((problem) => `${path}: ${problem}`));
  }
  assert.deepEqual(faults, []);
});
