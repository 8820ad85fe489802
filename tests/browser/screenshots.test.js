import assert from 'node:assert/strict';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { KINDS, openSite, pageKinds, settled } from './site.js';

const SHOTS = path.join(import.meta.dirname, 'shots');
const SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
const LONGEST = 4000;

test('every kind of page has its picture, narrow and wide, light and dark', async (t) => {
  const { folder, origin, browser } = await openSite(t);
  await rm(SHOTS, { recursive: true, force: true });
  await mkdir(SHOTS);
  const pages = await pageKinds(folder);
  assert.deepEqual(pages.map(({ kind }) => kind), KINDS);
  for (const viewport of SIZES) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
      for (const { path: address, kind } of pages) {
        await page.goto(origin + address);
        // Otherwise what lies below the first screen is left blank.
        await page.addStyleTag({ content: '* { content-visibility: visible !important; }' });
        await settled(page);
        const whole = await page.evaluate(() => document.documentElement.scrollHeight);
        const file = path.join(SHOTS, `${kind}-${viewport.width}-${colorScheme}.png`);
        const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(whole, LONGEST) };
        await page.screenshot({ path: file, fullPage: true, clip });
        const { size } = await stat(file);
        assert.ok(size > 5 * 1024, `${file} has ${size} bytes`);
      }
      await page.close();
    }
  }
});
