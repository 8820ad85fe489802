import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite } from './site.js';

const TIMED = '/lost-property/a-horn-for-nobody/';

/** Where the player is, once it knows the recording and plays. */
async function playing(page) {
  await page.waitForFunction(() => {
    const audio = document.querySelector('audio');
    return audio.readyState > 0 && !audio.paused;
  });
  return page.evaluate(() => document.querySelector('audio').currentTime);
}

async function about(page, seconds) {
  const now = await playing(page);
  assert.ok(now >= seconds - 0.2 && now < seconds + 5, `the player is at ${now}, not at ${seconds}`);
}

test('a press on a time of a turn, a paragraph or a section plays from there', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(origin + TIMED);
  const address = page.url();
  for (const [selector, seconds] of [['.turn > header .time:has-text("0:46")', 46], ['.turn > .time', 31], ['h2 > .at >> nth=1', 41]]) {
    const link = page.locator(selector).first();
    await link.click();
    await about(page, seconds);
    await page.evaluate(() => document.querySelector('audio').pause());
  }
  assert.equal(page.url(), address, 'the reader stays in the page');
});

test('the tools of a turn play from there, and only where the turn has a time', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(origin + TIMED);
  const turn = page.locator('.turn', { hasText: 'And now?' });
  await turn.hover();
  await turn.getByRole('button', { name: 'Play from here' }).click();
  await about(page, 53);
  await page.evaluate(() => {
    document.querySelector('audio').pause();
    document.activeElement.blur();
  });
  const untimed = page.locator('.turn').last();
  await untimed.locator('header .time').evaluate((time) => time.remove());
  await untimed.hover();
  assert.ok(await untimed.getByRole('button', { name: 'Copy link' }).isVisible());
  assert.ok(!await untimed.getByRole('button', { name: 'Play from here' }).isVisible());
});

test('a time in the address is where the player begins and the turn that is shown', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 1440, height: 600 } });
  const forms = [
    ['47', 47], ['47.5s', 47.5], ['0:47', 47], ['00:00:47', 47], ['0%3A47', 47], ['47s', 47], ['0m47s', 47],
    ['0h0m47s', 47], ['npt:47,60', 47], ['1m5', 65],
  ];
  for (const [written, seconds] of forms) {
    await page.goto('about:blank');
    await page.goto(`${origin}${TIMED}#t=${written}`);
    await page.waitForSelector('.turn[aria-current]');
    const { paused, id, name } = await page.evaluate(() => ({
      paused: document.querySelector('audio').paused,
      id: document.querySelector('.turn[aria-current]').id,
      name: document.querySelector('.turn[aria-current] time').textContent,
    }));
    assert.ok(paused, 'nothing plays by itself');
    assert.equal(name, seconds === 65 ? '1:04' : '0:46', written);
    await page.waitForFunction((turn) => {
      const { top, bottom } = document.getElementById(turn).getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }, id);
    await page.evaluate(() => { document.querySelector('audio').muted = true; return document.querySelector('audio').play(); });
    await about(page, seconds);
  }
  for (const written of ['', 'x', 'h', '1:2:3:4', '-5']) {
    await page.goto('about:blank');
    await page.goto(`${origin}${TIMED}#t=${written}`);
    assert.equal(await page.locator('.turn[aria-current]').count(), 0, written);
  }
});

test('without scripts times lead to their turns, and those of sections into the recording', async (t) => {
  const { origin, browser } = await openSite(t);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(origin + TIMED);
  const link = page.locator('.turn > header .time').nth(3);
  const href = await link.getAttribute('href');
  await link.click();
  assert.equal(new URL(page.url()).hash, href);
  assert.equal(await page.locator(`.turn${href}`).count(), 1);
  const section = page.locator('h2 > .at').nth(1);
  assert.equal(await section.getAttribute('href'), 'a-horn-for-nobody.mp3#t=41');
  assert.equal(await section.getAttribute('aria-label'), 'Play from 0:41');
  // The browser's own player begins there.
  const player = await browser.newPage();
  await player.goto(`${origin}${TIMED}${await section.getAttribute('href')}`);
  await player.waitForFunction(() => document.querySelector('video, audio')?.currentTime > 40);
});

test('without a recording there is nothing to play', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${origin}/slow-train/`);
  await page.getByRole('link', { name: '信号灯下的茶' }).first().click();
  await page.waitForSelector('.turn');
  const time = page.locator('.turn > header .time').first();
  assert.equal(await time.textContent(), '57:20');
  await time.hover();
  assert.equal(await page.locator('audio, [data-act="play"]').count(), 0);
  assert.equal(await page.locator('.tools button').count(), 2);
  await time.click();
  assert.equal(new URL(page.url()).hash, await time.getAttribute('href'));
  assert.match(await page.locator('h2 > .at').first().getAttribute('href') ?? '', /^#s-/);
});

test('the ribbon of a timed episode is by time', async (t) => {
  const { origin, browser } = await openSite(t);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(origin + TIMED);
  const { basis, bars, starts } = await page.evaluate(() => ({
    basis: document.querySelector('.ribbon figcaption small').textContent,
    bars: [...document.querySelectorAll('.strip a')].map((bar) => ({
      href: bar.getAttribute('href'), x: parseFloat(bar.querySelector('rect').getAttribute('x')),
    })),
    starts: [...document.querySelectorAll('.turn')].map((turn) => ({
      href: `#${turn.id}`, clock: turn.querySelector('header time').textContent,
    })),
  }));
  assert.equal(basis, 'by time');
  assert.equal(bars.length, starts.length);
  starts.forEach(({ href, clock }, n) => {
    const [minutes, seconds] = clock.split(':').map(Number);
    assert.equal(bars[n].href, href);
    const expected = (60 * minutes + seconds) / 76 * 100;
    assert.ok(Math.abs(bars[n].x - expected) < 0.1, `${clock} is at ${bars[n].x} %, not at ${expected} %`);
  });
  await page.goto(`${origin}/lost-property/013-the-wrong-number/`);
  assert.equal(await page.locator('.ribbon figcaption small').textContent(), 'by characters');
});
