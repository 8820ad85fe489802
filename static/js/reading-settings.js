import { dismissable } from './dismiss.js';

/**
 * The panel of reading settings. What it sets is read by the style sheet and remembered by the early script.
 *
 * @param {HTMLElement} element
 */
export function readingSettings(element) {
  dismissable(/** @type {HTMLDetailsElement} */ (element));
}
