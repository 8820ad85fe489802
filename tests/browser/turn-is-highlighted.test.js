import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite, pageKinds, settled } from './site.js';

/** The look of a turn and what lies over its name. */
function look(id) {
  const turn = document.getElementById(id);
  const { width, height } = turn.getBoundingClientRect();
  const name = turn.querySelector('.speaker').getBoundingClientRect();
  const above = document.elementFromPoint(name.x + name.width / 2, name.y + name.height / 2);
  return {
    size: { width, height },
    background: getComputedStyle(turn).backgroundColor,
    uncovered: turn.contains(above),
  };
}

for (const width of [360, 768, 1440]) {
  test(`an address with a turn shows that turn, tinted and in the open, at ${width} px`, async (t) => {
    const { folder, origin, browser } = await openSite(t);
    const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const episodes = (await pageKinds(folder)).filter(({ kind }) => kind.startsWith('episode-'));
    assert.equal(episodes.length, 2);
    for (const { path } of episodes) {
      await page.goto(origin + path);
      const ids = await page.locator('.turn').evaluateAll((turns) => turns.map((turn) => turn.id));
      for (const share of [0, 0.5, 0.8]) {
        const id = ids[Math.floor(ids.length * share)];
        const where = `${path}#${id}`;
        await page.goto(origin + path);
        await page.locator(`.turn[id="${id}"]`).scrollIntoViewIfNeeded();
        await settled(page);
        const before = await page.evaluate(look, id);
        await page.goto('about:blank');
        await page.goto(`${origin}${where}`);
        await settled(page);
        const after = await page.evaluate(look, id);
        assert.notEqual(after.background, before.background, `${where} is tinted`);
        assert.deepEqual(after.size, before.size, `${where} keeps its size`);
        assert.ok(after.uncovered, `${where} is not behind a bar`);
      }
    }
  });
}
