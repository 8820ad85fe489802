// Enhancements only: every page is complete without them.
import { readingSettings } from './reading-settings.js';
import { sectionNav } from './section-nav.js';
import { times } from './times.js';
import { turnTools } from './turn-tools.js';
import { ribbon } from './ribbon.js';
import { find, findHere, searches } from './find.js';

/**
 * @param {string} selector
 * @param {(element: HTMLElement) => void} enhance
 */
function each(selector, enhance) {
  document.querySelectorAll(selector).forEach((element) => enhance(/** @type {HTMLElement} */ (element)));
}

each('.prefs', readingSettings);
each('.toc', sectionNav);
each('.ribbon', ribbon);
each('[data-turn-tools]', (element) => turnTools(/** @type {HTMLTemplateElement} */ (element)));
each('.find', find);
each('.find-here', findHere);
each('main.search', searches);
each('.listen audio', (element) => times(/** @type {HTMLAudioElement} */ (element)));
