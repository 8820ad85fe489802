import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openSite, pageKinds, settled } from './site.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`every kind of page is accessible, ${colorScheme}`, async (t) => {
    const { folder, origin, browser } = await openSite(t);
    const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce' });
    /** @type {string[]} */
    const faults = [];
    for (const { path, kind } of await pageKinds(folder)) {
      await page.goto(origin + path);
      await settled(page);
      await page.addScriptTag({ path: AXE });
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
      for (const { id, impact, help, nodes } of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const node of nodes.slice(0, 3)) faults.push(`${kind} ${path}: ${id} (${impact}): ${help}: ${node.html.slice(0, 160)}`);
      }
    }
    assert.deepEqual(faults, []);
  });
}
