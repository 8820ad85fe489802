import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openBrowser, settled } from './site.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const EPISODE = 'content/lost-property/012-four-hundred-umbrellas.md';
const PATIENCE = { timeout: 30_000 };

/** Serves a copy of the sample archive, which goes when the test ends. */
async function preview(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'podleaf-'));
  for (const name of ['content', 'podleaf.toml', 'people.toml']) {
    await cp(path.join(REPOSITORY, name), path.join(folder, name), { recursive: true });
  }
  const program = process.env.PODLEAF ?? path.join(REPOSITORY, 'target/release/podleaf');
  const server = spawn(program, ['serve', folder, '--no-open', '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(async () => {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: server.stderr })) {
    const found = /^ {2}open +(\S+)/.exec(line);
    if (found) return { folder, origin: found[1].replace(/\/$/, '') };
  }
  throw new Error('the server did not start');
}

/** What is at the top of the window, and how far from its edge. */
const place = (page) => page.evaluate(() => {
  const turn = [...document.querySelectorAll('.transcript [id]')].find((one) => one.getBoundingClientRect().top >= 0);
  return { id: turn.id, top: turn.getBoundingClientRect().top, y: scrollY };
});

test('an open page follows the files, and says what is broken', async (t) => {
  const { folder, origin } = await preview(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  const file = path.join(folder, EPISODE);
  const text = await readFile(file, 'utf8');

  await page.goto(`${origin}/lost-property/012-four-hundred-umbrellas/`);
  await page.locator('.transcript').waitFor();
  await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight / 2, behavior: 'instant' }));
  await settled(page);
  const before = await place(page);
  assert.ok(before.y > 200, 'the page is scrolled');

  // The last turn that ends a line: below what is read.
  const lines = text.trimEnd().split('\n');
  const last = lines.findLastIndex((line) => /^\*\*.+:\*\*|^\w/.test(line));
  lines[last] += ' Purple giraffes were seen.';
  await writeFile(file, `${lines.join('\n')}\n`);
  await page.getByText('Purple giraffes were seen.').waitFor({ ...PATIENCE, state: 'attached' });
  await settled(page);
  await page.waitForFunction(({ id, top }) => {
    const now = document.getElementById(id)?.getBoundingClientRect().top;
    return Math.abs(now - top) < 3;
  }, before, PATIENCE);

  // A style sheet of the theme's is joined with the writer's own.
  await page.evaluate(() => { globalThis.same_document = true; });
  const style = path.join(folder, 'static/css/zz-own.css');
  await cp(path.join(REPOSITORY, 'static/css'), path.join(folder, 'static/css'), { recursive: true });
  await writeFile(style, 'body { outline: 3px solid rgb(1, 2, 3); }\n');
  await page.waitForFunction(() => getComputedStyle(document.body).outlineColor === 'rgb(1, 2, 3)', null, PATIENCE);
  assert.ok(await page.evaluate(() => globalThis.same_document), 'a style is exchanged without a reload');

  const mended = await readFile(file, 'utf8');
  const bad = mended.startsWith('+++') ? mended.replace('+++\n', '+++\ndate = "<img src=x onerror=alert(1)>"\n')
    : `+++\ndate = "<img src=x onerror=alert(1)>"\n+++\n${mended}`;
  await writeFile(file, bad);
  const overlay = page.locator('podleaf-errors section');
  await overlay.waitFor(PATIENCE);
  assert.match(await overlay.innerText(), new RegExp(`${EPISODE.replaceAll('.', '\\.')}:\\d+:\\d+`));
  assert.equal(await overlay.locator('img').count(), 0, 'what a file says is text');
  assert.ok(await page.getByText('Purple giraffes were seen.').count(), 'the last good page is beneath');
  assert.ok(await page.evaluate(() => globalThis.same_document));

  await writeFile(file, mended);
  await overlay.waitFor({ ...PATIENCE, state: 'detached' });
  assert.deepEqual(faults, []);
});

test('a turn leads to the editor, and findings stand beside their turns', async (t) => {
  const { folder, origin } = await preview(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  const settings = path.join(folder, 'podleaf.toml');
  await writeFile(settings, `editor = "vscode://file/{path}:{line}"\n${await readFile(settings, 'utf8')}`);
  const file = path.join(folder, 'content/lost-property/900-bells.md');
  const turns = ['**Nell Ashgrove:** Who rings it?', '**Bo Dahl:** The tide.', '**Bo Dahl: And** the moon.'];
  await writeFile(file, `+++\ntitle = "Bells"\n+++\n\n${turns.join('\n\n')}\n\n${'**Bo Dahl:** More.\n\n'.repeat(40)}`);

  await page.goto(`${origin}/lost-property/900-bells/`);
  await page.locator('podleaf-margin details').first().waitFor(PATIENCE);
  const [mark, turn] = await page.evaluate(() => {
    const words = (one) => one.textContent.includes('the moon');
    const found = [...document.querySelectorAll('.turn')].find(words);
    const marks = [...document.querySelector('podleaf-margin').shadowRoot.querySelectorAll('details')];
    const at = (one) => one.getBoundingClientRect().top;
    return [Math.min(...marks.map((one) => Math.abs(at(one) - at(found)))), found.id];
  });
  assert.ok(mark < 60, `a finding stands ${mark} px from its turn`);

  await page.evaluate(() => {
    addEventListener('click', (event) => {
      if (!event.target.href?.startsWith('vscode:')) return;
      event.preventDefault();
      globalThis.handed_over = event.target.href;
    });
  });
  await page.locator(`[id="${turn}"] p`).first().click();
  assert.equal(await page.evaluate(() => globalThis.handed_over), undefined, 'a plain click opens nothing');
  await page.locator(`[id="${turn}"] p`).first().click({ modifiers: ['Alt'] });
  const real = await realpath(file);
  assert.equal(await page.evaluate(() => globalThis.handed_over), `vscode://file${encodeURI(real)}:9`);
  assert.deepEqual(faults, []);
});
