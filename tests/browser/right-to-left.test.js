import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPages, builtFrom, openSite, settled } from './site.js';

const SAYS = ['كنت أظن أن الماء يعرف طريقه وحده، ثم عملت في القناة عشرين سنة.', 'وماذا يقول الحجر؟'];

const ARCHIVE = {
  'podleaf.toml': 'title = "واحة الكلام"\nlanguage = "ar"\n',
  'content/waha/001-canal.md': '+++\ntitle = "الماء يعرف طريقه"\ndate = 2026-03-04\nhosts = ["ليلى حداد"]\n+++\n\n'
    + [1, 2, 3].map((n) => `## القسم ${n}\n\n**ليلى حداد:** ${SAYS[1]}\n\n**سالم العمري:** ${SAYS[0]}\n\n`).join(''),
  'content/harbour/show.toml': 'title = "The Harbour"\nlanguage = "en"\n',
  'content/harbour/001-quay.md': '+++\ntitle = "Who was on the quay?"\ndate = 2026-01-02\n+++\n\n'
    + '**Nell Ashgrove:** Who was on the quay?\n\n**Ruth Abara:** Nobody was on the quay!\n\n**Nell Ashgrove:** Not even you?\n',
};

test('an archive written from right to left runs from right to left', async (t) => {
  const { folder, origin, browser } = await openSite(t, builtFrom(t, ARCHIVE));
  for (const width of [360, 1440]) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    for (const { path } of await allPages(folder)) {
      await page.goto(origin + path);
      await settled(page);
      const left = await page.evaluate(() => {
        scrollTo({ left: -1000, behavior: 'instant' });
        return scrollX;
      });
      assert.equal(left, 0, `${path} scrolls sideways at ${width} px`);
    }

    await page.goto(`${origin}/waha/001-canal/`);
    const ribbon = await page.evaluate(() => {
      const x = (selector) => document.querySelector(selector).getBoundingClientRect().x;
      return {
        bars: [x('.strip a:first-child rect'), x('.strip a:last-child rect')],
        ticks: [x('.ticks line:first-of-type'), x('.ticks line:last-of-type')],
        rule: parseFloat(getComputedStyle(document.querySelector('.turn:not([data-host])'), '::before').right),
      };
    });
    assert.ok(ribbon.bars[0] > ribbon.bars[1], `the ribbon begins at the right: ${ribbon.bars}`);
    assert.ok(ribbon.ticks[0] > ribbon.ticks[1], `so do its sections: ${ribbon.ticks}`);
    assert.ok(ribbon.rule < 0, 'the speaker has the rule at the right');

    await page.goto(`${origin}/`);
    const title = page.locator('.index h3[lang="en"]');
    const { direction, edge } = await title.evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return {
        direction: getComputedStyle(element).direction,
        edge: element.parentElement.getBoundingClientRect().right - range.getBoundingClientRect().right,
      };
    });
    assert.equal(direction, 'ltr', 'an English title keeps its question mark at its end');
    assert.ok(edge < 1, `and the edge of its list, which is ${edge} px away`);
    await page.close();
  }
});
