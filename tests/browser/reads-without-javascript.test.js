import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite, pageKinds } from './site.js';

for (const width of [360, 1440]) {
  test(`an episode is complete without JavaScript at ${width} px`, async (t) => {
    const { folder, origin, browser, requests } = await openSite(t);
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const episodes = (await pageKinds(folder)).filter(({ kind }) => kind.startsWith('episode-'));
    assert.equal(episodes.length, 2);
    for (const { path } of episodes) {
      await page.goto(origin + path);
      const turns = await page.evaluate(() => [...document.querySelectorAll('.turn')].map((turn) => ({
        id: turn.id,
        visible: turn.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
        height: turn.getBoundingClientRect().height,
        words: [...turn.querySelectorAll(':scope > p')].map((p) => p.textContent).join('').length,
      })));
      assert.ok(turns.length > 5, `${path} has ${turns.length} turns`);
      for (const turn of turns) {
        assert.ok(turn.visible && turn.height > 20 && turn.words > 0, `${path}#${turn.id} cannot be read`);
      }

      const count = await page.locator('.toc li a').count();
      assert.ok(count > 1, `${path} has a table of contents`);
      for (let n = 0; n < count; n += 1) {
        await page.goto(origin + path);
        const link = page.locator('.toc li a').nth(n);
        if (!await link.isVisible()) await page.locator('.toc summary').click();
        const href = await link.getAttribute('href');
        await link.click();
        assert.equal(new URL(page.url()).hash, href);
        const top = await page.evaluate(
          (id) => document.getElementById(id)?.getBoundingClientRect().top,
          decodeURIComponent(href?.slice(1) ?? ''),
        );
        assert.ok(top !== undefined && top > -1 && top < 800, `${path}${href} is at ${top}`);
      }
    }
    assert.ok(!requests.some((path) => path.endsWith('.js')), 'no script was asked for');
  });
}
