import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite } from './site.js';

/** Lightness from 0 to 255 of a colour in any notation, as the browser paints it. */
async function lightness(page, colour) {
  return page.evaluate((value) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.fillStyle = value;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  }, colour);
}

test('a chosen theme is there from the first paint on, here and on other pages', async (t) => {
  const { origin, browser } = await openSite(t);
  const context = await browser.newContext({ colorScheme: 'light' });
  // What each frame before the load event is about to paint.
  await context.addInitScript(() => {
    globalThis.frames_seen = [];
    let loaded = false;
    addEventListener('load', () => { loaded = true; });
    const look = () => {
      if (document.body) globalThis.frames_seen.push(getComputedStyle(document.body).backgroundColor);
      if (!loaded) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    document.addEventListener('DOMContentLoaded', () => {
      globalThis.frames_seen.push(getComputedStyle(document.body).backgroundColor);
    });
  });
  const page = await context.newPage();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  await page.goto(`${origin}/`);
  assert.ok(await lightness(page, await background()) > 200, 'light at first');
  await page.locator('.prefs summary').click();
  await page.locator('.prefs input[name="theme"][value="dark"]').check();
  const dark = await background();
  assert.ok(await lightness(page, dark) < 60, 'dark once chosen');

  for (const path of ['/', '/people/']) {
    await page.goto(origin + path, { waitUntil: 'load' });
    const seen = await page.evaluate(() => globalThis.frames_seen);
    assert.ok(seen.length > 0);
    assert.deepEqual([...new Set(seen)], [dark], `${path} is never painted in another colour`);
    assert.ok(await page.locator('.prefs input[value="dark"]').isChecked(), `${path} shows the choice`);
  }

  await page.locator('.prefs summary').click();
  await page.locator('.prefs input[name="theme"][value="auto"]').check();
  await page.reload();
  assert.ok(await lightness(page, await background()) > 200, 'the way back is remembered too');
});
