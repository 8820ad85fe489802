import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { builtFrom, builtSite, openBrowser, openSite } from './site.js';

const TIDE = `---
title: The harbour clock
date: 2026-03-14
---

**Ann Li:** How does the tide clock work?

**Bo Ek:** It follows the moon, and the tide follows it too. One long sentence about barnacles.

**Ann Li:** So a tide clock is a moon clock.
`;
const ICE = `---
title: 在冰芯里找一个春天
date: 2025-02-07
---

**林既白：**冰有没有零点？我们从火山灰往下数。

**贺岁寒：**冰没有零点。最上面一层是今年。

**林既白：**所以零点也是借来的。
`;
const HOSTILE = `---
title: "<img src=x onerror=window.ran=1>"
topics: ["<img src=x onerror=window.ran=2>"]
---

**<img src=x onerror=window.ran=3>:** Markup like &lt;img src=x onerror=window.ran=4> is said: barnacles, \`<img src=x onerror=window.ran=5>\`.

**Bo Ek:** And barnacles again.
`;
const FILES = {
  'podleaf.toml': 'title = "The Slow Archive"\nlanguage = "en"\ncards = false\n',
  'content/clocks/tide.md': TIDE,
  'content/ice/spring.md': ICE,
  'content/hostile/markup.md': HOSTILE,
};

async function opened(t, options = {}) {
  const site = await openSite(t, builtFrom(t, FILES));
  const page = await site.browser.newPage({ reducedMotion: 'reduce', ...options });
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { ...site, page, errors };
}

for (const width of [360, 1280]) {
  test(`from any page the keyboard opens search, chooses, and opens the marked turn, at ${width} px`, async (t) => {
    const { origin, page, errors, requests } = await opened(t, { viewport: { width, height: 800 } });
    await page.goto(origin);
    await page.waitForLoadState('networkidle');
    assert.ok(!requests.some((path) => path.includes('/js/search/')), 'nothing of search is loaded before');
    await page.keyboard.press('/');
    const dialog = page.locator('.find-dialog');
    await dialog.waitFor();
    await page.keyboard.type('tide clock');
    const options = dialog.getByRole('option');
    // What is found for the first letters comes before.
    await options.nth(0).locator('mark', { hasText: /^clock$/ }).first().waitFor();
    await options.nth(1).waitFor();
    assert.equal(await options.nth(0).getAttribute('aria-selected'), 'true');
    assert.deepEqual(await options.nth(0).locator('mark').allTextContents(), ['tide', 'clock']);
    assert.match(await options.nth(0).locator('.speaker').textContent(), /Ann Li/);
    const box = await dialog.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= width, 'it fits');
    await page.keyboard.press('ArrowDown');
    assert.equal(await options.nth(1).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/tide\/\?find=tide\+clock#/);
    const id = decodeURIComponent(new URL(page.url()).hash.slice(1));
    const turn = page.locator(`.turn[id="${id}"]`);
    await turn.locator('mark').first().waitFor();
    assert.deepEqual(await turn.locator('mark').allTextContents(), ['tide', 'clock', 'clock']);
    assert.ok(await turn.evaluate((turn) => turn.matches(':target') && turn.getBoundingClientRect().top >= 0));
    assert.equal(await page.locator('.find-here output').textContent(), '3 of 5');
    await page.getByRole('button', { name: 'Next place' }).click();
    assert.equal(await page.locator('.find-here output').textContent(), '4 of 5');
    await page.getByRole('button', { name: 'Close' }).click();
    assert.equal(await page.locator('mark').count(), 0);
    assert.equal(await turn.locator('p').textContent(), 'So a tide clock is a moon clock.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await dialog.waitFor();
    assert.deepEqual(errors, []);
  });
}

test('Chinese is searched once it is composed, and not before', async (t) => {
  const { origin, page, requests, errors } = await opened(t);
  await page.goto(`${origin}/search/`);
  const input = page.getByRole('searchbox');
  await input.focus();
  const client = await page.context().newCDPSession(page);
  for (const text of ['l', 'ling', 'lingdian']) {
    await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await page.waitForTimeout(400);
  assert.equal(await input.inputValue(), 'lingdian');
  assert.equal(new URL(page.url()).search, '', 'what is half composed is not searched');
  assert.ok(!requests.some((path) => path.endsWith('turns.json')));
  await client.send('Input.insertText', { text: '零点' });
  await page.locator('.hit mark').first().waitFor();
  assert.deepEqual(await page.locator('.hit mark').allTextContents(), ['零点', '零点', '零点']);
  assert.equal(new URL(page.url()).searchParams.get('q'), '零点');
  assert.equal(await page.getByRole('status').textContent(), '3 places in 1 episode');
  await input.fill('零點');
  await page.waitForURL(/%E9%BB%9E/);
  await page.locator('.hit mark').first().waitFor();
  assert.equal(await page.locator('.hit mark').count(), 3, 'Traditional characters find the same');
  assert.deepEqual(errors, []);
});

test('what is typed, or half composed, before search is there stays and is searched', async (t) => {
  const { origin, page, errors } = await opened(t);
  for (const isComposed of [false, true]) {
    let release = () => {};
    const isAsked = new Promise((resolve) => {
      page.route('**/js/search/page.js', async (route) => {
        await new Promise((go) => { release = () => go(undefined); resolve(undefined); });
        await route.continue();
      }, { times: 1 });
    });
    await page.goto(`${origin}/search/?q=clock`);
    await isAsked;
    const input = page.getByRole('searchbox');
    await input.focus();
    const client = await page.context().newCDPSession(page);
    if (isComposed) {
      await client.send('Input.imeSetComposition', { text: 'lingdian', selectionStart: 8, selectionEnd: 8 });
    } else {
      await page.keyboard.type('barnacles');
    }
    release();
    await page.locator('.hit').first().waitFor();
    if (isComposed) {
      assert.equal(await input.inputValue(), 'lingdian');
      assert.equal(new URL(page.url()).searchParams.get('q'), 'clock', 'what is half composed is not searched');
      await client.send('Input.insertText', { text: '零点' });
    }
    const sought = isComposed ? '零点' : 'barnacles';
    await page.locator('.hit mark', { hasText: sought }).first().waitFor();
    assert.equal(await input.inputValue(), sought);
    assert.equal(new URL(page.url()).searchParams.get('q'), sought);
  }
  assert.deepEqual(errors, []);
});

test('filters narrow, the address is the query, and going back restores it', async (t) => {
  const { origin, page, errors } = await opened(t);
  await page.goto(`${origin}/search/?q=barnacles`);
  await page.locator('.hit').nth(1).waitFor();
  assert.equal(await page.locator('.hit').count(), 2);
  const show = page.locator('.results > .facets').getByRole('link', { name: 'Clocks' });
  assert.equal(await show.locator('..').locator('.num').textContent(), '1');
  await show.click();
  await page.waitForURL(/show=Clocks/);
  await page.waitForFunction(() => document.querySelectorAll('.hit').length === 1);
  assert.equal(await page.locator('.hit h2').textContent(), 'The harbour clock');
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/tide\/\?find=barnacles#/);
  await page.goBack();
  await page.locator('.hit').waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'barnacles');
  assert.equal(await page.locator('.hit').count(), 1);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('.hit').length === 2);
  await page.goto(`${origin}/search/?q=nothing+of+the+kind`);
  await page.getByText('Nothing was found for “nothing of the kind”').waitFor();
  assert.deepEqual(errors, []);
});

test('a person’s page leads to all that the person said', async (t) => {
  const { origin, page, errors } = await opened(t);
  await page.goto(`${origin}/people/bo-ek/`);
  await page.getByRole('link', { name: 'Everything Bo Ek said' }).click();
  await page.locator('.hit li').nth(1).waitFor();
  assert.deepEqual([...new Set(await page.locator('.hit .speaker').allTextContents())], ['Bo Ek']);
  assert.deepEqual(errors, []);
});

test('hostile text is shown and never run', async (t) => {
  const { origin, page } = await opened(t);
  const ran = () => page.evaluate(() => Reflect.get(window, 'ran'));
  const query = '<img src=x onerror=window.ran=1>';
  await page.goto(`${origin}/search/?q=${encodeURIComponent(query)}`);
  await page.locator('.hit').first().waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  await page.goto(`${origin}/search/?q=${encodeURIComponent(`${query} nothing`)}`);
  await page.getByText('Nothing was found for').waitFor();
  await page.goto(`${origin}/search/?q=barnacles&show=${encodeURIComponent(query)}&person=%3Cimg%3E&language=%22`);
  await page.getByText('Nothing was found for').waitFor();
  await page.goto(`${origin}/search/?q=barnacles`);
  await page.locator('.hit').nth(1).waitFor();
  assert.ok((await page.locator('.hit').allTextContents()).some((text) => text.includes('<img src=x onerror=window.ran=1>')));
  await page.goto(`${origin}/?q=x`);
  await page.keyboard.press('/');
  await page.locator('.find-dialog input').fill('onerror');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/find=onerror/);
  await page.locator('main mark').first().waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(await ran(), undefined);
});

test('without scripts and from disk the page says what to do and leads on', async (t) => {
  const folder = await builtSite(t);
  const browser = await openBrowser(t);
  const plain = await browser.newPage({ javaScriptEnabled: false });
  const scripted = await browser.newPage();
  for (const page of [plain, scripted]) {
    await page.goto(`${pathToFileURL(folder)}/search/index.html`);
    assert.ok(await page.locator('.needs').isVisible());
    assert.ok(!(await page.locator('.search-form').isVisible()), 'a field that does nothing is not shown');
    assert.ok(await page.locator('.ways a').count() > 3);
  }
  await scripted.locator('.ways a').first().click();
  await scripted.waitForLoadState();
  assert.ok(!scripted.url().includes('/search/'));
});
