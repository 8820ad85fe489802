// The sample archive, built, served and opened: what every browser check begins with.
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Every kind of page that the sample archive must have. */
export const KINDS = [
  'home', 'show', 'season', 'year', 'people', 'person', 'topics', 'topic', 'series', 'search',
  'episode-zh', 'episode-en', 'plain', '404',
];

const MEDIA_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.mp3': 'audio/mpeg',
  '.vtt': 'text/vtt; charset=utf-8',
};

/**
 * Builds the sample archive into a folder of its own, which goes when the test ends.
 * SITE in the environment names a folder that is built already, PODLEAF another program than the release build.
 *
 * @param {import('node:test').TestContext} t
 * @returns {Promise<string>} The folder.
 */
export async function builtSite(t) {
  if (process.env.SITE) return path.resolve(process.env.SITE);
  return build(REPOSITORY, path.join(await temporary(t), 'public'));
}

/**
 * Builds the sample archive with the interface in another language.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} language
 */
export async function builtSampleIn(t, language) {
  const folder = await temporary(t);
  for (const name of ['content', 'people.toml']) await cp(path.join(REPOSITORY, name), path.join(folder, name), { recursive: true });
  const config = await readFile(path.join(REPOSITORY, 'podleaf.toml'), 'utf8');
  await writeFile(path.join(folder, 'podleaf.toml'), config.replace('language = "en"', `language = "${language}"`));
  return build(folder, path.join(folder, 'public'));
}

/**
 * Builds an archive of the test's own files.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files Text by path.
 */
export async function builtFrom(t, files) {
  const folder = await temporary(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return build(folder, path.join(folder, 'public'));
}

async function temporary(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'podleaf-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function build(folder, out) {
  const program = process.env.PODLEAF ?? path.join(REPOSITORY, 'target/release/podleaf');
  execFileSync(program, ['build', '.', '-o', out, '-q'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return out;
}

/**
 * Serves `folder` on loopback as a plain static host does.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} folder
 * @returns {Promise<{ origin: string, requests: string[] }>} Where, and the path of every request so far.
 */
export async function served(t, folder) {
  /** @type {string[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Browsers ask for this one unasked; a site need not have it.
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    requests.push(pathname);
    const file = await fileOf(folder, pathname);
    const shown = file ?? path.join(folder, '404.html');
    const headers = { 'content-type': MEDIA_TYPES[path.extname(shown)] ?? 'application/octet-stream', 'accept-ranges': 'bytes' };
    // Players ask for a part when they start in the middle.
    const range = file && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range) {
      const { size } = await stat(file);
      const [start, end] = [Number(range[1]), range[2] ? Math.min(Number(range[2]), size - 1) : size - 1];
      response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': end - start + 1 });
      createReadStream(file, { start, end }).on('error', () => response.end()).pipe(response);
      return;
    }
    response.writeHead(file ? 200 : 404, headers);
    createReadStream(shown).on('error', () => response.end()).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, requests };
}

async function fileOf(folder, pathname) {
  let file = path.join(folder, path.normalize(decodeURIComponent(pathname)));
  if (file !== folder && !file.startsWith(folder + path.sep)) return undefined;
  if (pathname.endsWith('/')) file = path.join(file, 'index.html');
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? file : undefined;
}

/** @param {import('node:test').TestContext} t */
export async function openBrowser(t) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/**
 * Builds, serves and opens a browser.
 *
 * @param {import('node:test').TestContext} t
 * @param {Promise<string>} [built] The sample archive where nothing is said.
 */
export async function openSite(t, built = builtSite(t)) {
  const folder = await built;
  const [{ origin, requests }, browser] = await Promise.all([served(t, folder), openBrowser(t)]);
  return { folder, origin, requests, browser };
}

/**
 * The pages of a built site: path and kind, sorted by path.
 *
 * @param {string} folder
 * @returns {Promise<{ path: string, kind: string }[]>}
 */
export async function allPages(folder) {
  const files = await readdir(folder, { recursive: true });
  const pages = [];
  for (const name of files.sort()) {
    const file = name.split(path.sep).join('/');
    if (file !== '404.html' && !/(^|\/)index\.html$/.test(file)) continue;
    const html = await readFile(path.join(folder, name), 'utf8');
    const address = `/${file.replace(/(^|\/)index\.html$/, '$1')}`;
    pages.push({ path: address, kind: kindOf(address, html) });
  }
  return pages;
}

/**
 * One page of each kind: the one with most markup, since it has most to get wrong.
 *
 * @param {string} folder
 */
export async function pageKinds(folder) {
  /** @type {Map<string, { path: string, kind: string, size: number }>} */
  const kinds = new Map();
  for (const page of await allPages(folder)) {
    const file = page.path.endsWith('/') ? `${page.path}index.html` : page.path;
    const { size } = await stat(path.join(folder, file));
    if (size > (kinds.get(page.kind)?.size ?? 0)) kinds.set(page.kind, { ...page, size });
  }
  return KINDS.flatMap((kind) => kinds.get(kind) ?? []);
}

/** The markup tells an episode and a plain page, the address tells the rest. */
function kindOf(address, html) {
  const parts = address.split('/').filter(Boolean);
  const [first, second] = parts;
  if (address === '/') return 'home';
  if (address === '/404.html') return '404';
  if (parts.includes('page')) return 'further page';
  if (/<div class="transcript"/.test(html)) {
    // The text's language is named where it is not the page's.
    const lang = /<div class="transcript" lang="([^"]+)"/.exec(html) ?? /<html lang="([^"]+)"/.exec(html);
    return `episode-${lang?.[1].split('-')[0]}`;
  }
  if (/<div class="body prose"/.test(html)) return 'plain';
  if (first === 'people') return second ? 'person' : 'people';
  if (first === 'topics') return second ? 'topic' : 'topics';
  if (first === 'series') return second ? 'series' : 'all series';
  if (first === 'search') return 'search';
  if (first === 'archive') return second ? 'year' : 'archive';
  if (/^season-\d+$/.test(second ?? '')) return 'season';
  return parts.length === 1 ? 'show' : 'other';
}

/**
 * Waits until the layout rests: text that comes into view takes its real height, which can move the rest.
 *
 * @param {import('playwright-core').Page} page
 */
export async function settled(page) {
  await page.evaluate(async () => {
    let before = -1;
    let still = 0;
    for (let frame = 0; frame < 120 && still < 5; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = scrollY + document.documentElement.scrollHeight;
      still = now === before ? still + 1 : 0;
      before = now;
    }
  });
}
