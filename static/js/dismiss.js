/**
 * Closes a `details` by Escape, by a press outside, and when the focus goes elsewhere.
 *
 * @param {HTMLDetailsElement} details
 * @param {() => boolean} [when] Whether it is something to close at all.
 */
export function dismissable(details, when = () => true) {
  const summary = details.querySelector('summary');
  document.addEventListener('pointerdown', (event) => {
    if (details.open && when() && !details.contains(/** @type {Node} */ (event.target))) details.open = false;
  });
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open || !when()) return;
    details.open = false;
    summary?.focus();
  });
  details.addEventListener('focusout', (event) => {
    const to = /** @type {Node | null} */ (event.relatedTarget);
    if (to && when() && !details.contains(to)) details.open = false;
  });
}
