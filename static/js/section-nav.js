import { dismissable } from './dismiss.js';

/**
 * Marks the section that one reads, here and in the bar, and closes the sheet after a choice.
 *
 * @param {HTMLElement} nav
 */
export function sectionNav(nav) {
  const details = /** @type {HTMLDetailsElement} */ (nav.querySelector('details'));
  const summary = /** @type {HTMLElement} */ (nav.querySelector('summary'));
  const here = /** @type {HTMLElement} */ (nav.querySelector('.here'));
  const links = /** @type {HTMLAnchorElement[]} */ ([...nav.querySelectorAll('li a')]);
  const isSheet = () => summary.offsetParent !== null;

  dismissable(details, isSheet);
  nav.addEventListener('click', (event) => {
    if (isSheet() && /** @type {Element} */ (event.target).closest('li a')) details.open = false;
  });

  // Where a closed `details` cannot show its content as a column, it stays open there.
  const column = matchMedia('(width >= 73.75rem)');
  if (!CSS.supports('selector(::details-content)')) {
    const adapt = () => { details.open = column.matches; };
    column.addEventListener('change', adapt);
    adapt();
  }

  const entries = links.flatMap((link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return target ? [{ link, target }] : [];
  });
  if (entries.length === 0) return;

  // The last part whose top has passed the upper quarter is the current one.
  const mark = () => {
    const line = innerHeight / 4;
    const now = entries.findLast(({ target }) => target.getBoundingClientRect().top < line) ?? entries[0];
    for (const { link } of entries) {
      if (link === now.link) link.setAttribute('aria-current', 'location');
      else link.removeAttribute('aria-current');
    }
    here.textContent = now.link.querySelector('.t')?.textContent ?? '';
    if (column.matches && nav.scrollHeight > nav.clientHeight) {
      const top = now.link.offsetTop - nav.clientHeight / 2;
      nav.scrollTo({ top });
    }
  };
  const observer = new IntersectionObserver(mark, { rootMargin: '0px 0px -75% 0px' });
  for (const { target } of entries) observer.observe(target);
}
