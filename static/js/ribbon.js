/**
 * Shows on the ribbon which turn the address points to.
 *
 * @param {HTMLElement} figure
 */
export function ribbon(figure) {
  const bars = [...figure.querySelectorAll('.strip a')];
  const mark = () => {
    for (const bar of bars) {
      const now = location.hash !== '' && bar.getAttribute('href') === location.hash;
      bar.toggleAttribute('data-now', now);
    }
  };
  addEventListener('hashchange', mark);
  mark();
}
