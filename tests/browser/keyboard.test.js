import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite, pageKinds, settled } from './site.js';

/** What has the focus: whether one sees that it has, and whether anything lies over it. */
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return undefined;
  const box = element.getBoundingClientRect();
  const shown = element.closest('label') ?? element;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const [x, y] = [box.x + Math.min(box.width / 2, 8), box.y + Math.min(box.height / 2, 8)];
  const above = document.elementFromPoint(x, y);
  return {
    name: `${element.localName}.${element.getAttribute('class') ?? ''} "${element.textContent.trim().slice(0, 30)}"`,
    outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    uncovered: !!above && (element.contains(above) || above.contains(element)),
  };
}

for (const width of [360, 1440]) {
  test(`the keyboard alone is enough, and one sees where one is, at ${width} px`, async (t) => {
    const { folder, origin, browser } = await openSite(t);
    const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    /** @type {string[]} */
    const faults = [];
    for (const { path, kind } of await pageKinds(folder)) {
      await page.goto(origin + path);
      await settled(page);
      await page.keyboard.press('Tab');
      const skip = page.locator('.skip-link');
      assert.ok(await skip.evaluate((link) => link === document.activeElement), `${path} begins with the skip link`);
      const { x, y, width: wide } = await skip.boundingBox() ?? { x: -1, y: -1, width: 0 };
      assert.ok(x >= 0 && y >= 0 && wide > 40, `${path} shows the skip link`);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(() => document.activeElement?.closest('main, .site-foot') !== null);
      assert.ok(inside, `${path} skips to the text`);

      await page.goto('about:blank');
      await page.goto(origin + path);
      for (let n = 0; n < 40; n += 1) {
        await page.keyboard.press('Tab');
        await settled(page);
        const now = await page.evaluate(focused);
        if (!now) break;
        if (!now.outlined) faults.push(`${kind} ${path}: no outline on ${now.name}`);
        if (!now.uncovered) faults.push(`${kind} ${path}: something lies over ${now.name}`);
      }
    }
    assert.deepEqual([...new Set(faults)], []);
  });
}
