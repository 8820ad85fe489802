import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, openSite, pageKinds, settled } from './site.js';

test('the title of the site has one face on pages of all languages', async (t) => {
  const { folder, origin, browser } = await openSite(t);
  const page = await browser.newPage();
  const faces = new Set();
  for (const { path } of await pageKinds(folder)) {
    await page.goto(origin + path);
    faces.add(await page.locator('.brand span').evaluate((element) => getComputedStyle(element).fontFamily));
  }
  assert.equal(faces.size, 1, [...faces].join('\n'));
});

for (const width of [768, 1440]) {
  test(`no Chinese paragraph ends with a lone character at ${width} px`, async (t) => {
    const { folder, origin, browser } = await openSite(t);
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    let count = 0;
    for (const { path, kind } of await allPages(folder)) {
      if (kind !== 'episode-zh') continue;
      await page.goto(origin + path);
      await settled(page);
      await page.addStyleTag({ content: '* { content-visibility: visible !important; }' });
      const found = await page.evaluate(() => [...document.querySelectorAll(':is(.turn > p, .background p, .unattributed):lang(zh)')].map((p) => {
        const range = document.createRange();
        range.selectNodeContents(p);
        const rects = [...range.getClientRects()];
        const bottom = Math.max(...rects.map((rect) => rect.bottom));
        const last = rects.filter((rect) => rect.bottom > bottom - 8).reduce((sum, rect) => sum + rect.width, 0);
        const size = parseFloat(getComputedStyle(p).fontSize);
        return { text: p.textContent, lone: p.clientHeight > 3 * size && last < 2.2 * size };
      }));
      count += found.length;
      assert.deepEqual(found.filter(({ lone }) => lone).map(({ text }) => text), [], path);
    }
    assert.ok(count > 50, `${count} paragraphs`);
  });
}
