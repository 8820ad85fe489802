import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtFrom, builtSampleIn, builtSite, openSite, pageKinds, settled } from './site.js';

const LONG_NAME = 'The Extraordinarily Long-Winded Podcast About Everything That Was Ever Said in a Harbour';
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const SPEAKERS = [
  'Nell', 'Bartholomew Featherstonehaugh-Cholmondeley', 'Maria-Theresia von und zu Guttenberg-Sonnenschein',
  'Ruth', 'Walter', 'Ilse', 'Desmond', 'Jo', 'Anna',
];

/** An archive in which everything is too long. */
const LONG = {
  'podleaf.toml': `title = "${LONG_NAME}, Complete"\nlanguage = "en"\n`,
  'content/harbour/show.toml': `title = "${LONG_NAME}"\n[seasons]\n1 = "${LONG_NAME}"\n`,
  'content/harbour/001-all.md': `+++\ntitle = "${LONG_WORD}_and_${LONG_WORD}"\ndate = 2026-09-28\nseason = 1\nepisode = 1\ntags = ["${LONG_WORD}"]\n+++\n\n`
    + [1, 2, 3].map((n) => `## ${LONG_WORD} ${n}\n\n` + SPEAKERS.flatMap((name) => [
      `**${name}:** See https://example.com/${'a-way-that-never-ends/'.repeat(8)} for that.\n\n`,
      `**${name}:** ${LONG_WORD}, ${'A'.repeat(90)}.\n\n`,
    ]).join('')).join(''),
};

for (const [name, built] of /** @type {const} */ ([
  ['in English', builtSite],
  ['in Chinese', (t) => builtSampleIn(t, 'zh-Hans')],
  ['of long names', (t) => builtFrom(t, LONG)],
])) {
  test(`no page of an archive ${name} scrolls sideways, and no number leaves its unit`, async (t) => {
    const { folder, origin, browser } = await openSite(t, built(t));
    for (const width of [360, 768, 1440]) {
      const page = await browser.newPage({ viewport: { width, height: 740 } });
      for (const { path, kind } of await pageKinds(folder)) {
        const where = `${kind} ${path} at ${width} px`;
        await page.goto(origin + path);
        await settled(page);
        // Parts of a long text have their real width only when they are drawn.
        await page.addStyleTag({ content: '* { content-visibility: visible !important; }' });
        const found = await page.evaluate(() => {
          const seen = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
          const lines = (element) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom / 4))).size;
          };
          const brand = document.querySelector('.brand');
          return {
            width: document.documentElement.scrollWidth,
            wide: seen('body *')
              .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
              .slice(0, 5)
              .map((element) => `${element.localName}.${element.getAttribute('class') ?? ''}`),
            broken: seen('.num, .index .size, .index .when, .sect .at').filter((element) => lines(element) > 1)
              .map((element) => element.textContent),
            brand: brand.getBoundingClientRect().height / parseFloat(getComputedStyle(brand).lineHeight),
          };
        });
        assert.ok(found.width <= width, `${where} is ${found.width} px wide: ${found.wide.join(', ')}`);
        assert.deepEqual(found.broken, [], `${where} breaks numbers`);
        assert.ok(found.brand < 6, `${where} breaks the site's title into ${found.brand} lines`);
      }
      await page.close();
    }
  });
}
