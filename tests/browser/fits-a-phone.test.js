import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite, pageKinds, settled } from './site.js';

test('no page scrolls sideways on a phone', async (t) => {
  const { folder, origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  for (const { path, kind } of await pageKinds(folder)) {
    await page.goto(origin + path);
    await settled(page);
    // Parts of a long text have their real width only when they are drawn.
    await page.addStyleTag({ content: '* { content-visibility: visible !important; }' });
    const { width, wide } = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      wide: [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > 361)
        .slice(0, 5)
        .map((element) => `${element.localName}.${element.getAttribute('class') ?? ''}`),
    }));
    assert.ok(width <= 360, `${kind} ${path} is ${width} px wide: ${wide.join(', ')}`);
  }
});
