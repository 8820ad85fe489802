// The ways to search: what it needs is loaded when somebody searches.

/**
 * Opens the dialog by the link in the header, by `/` and by Ctrl+K.
 *
 * @param {HTMLElement} link
 */
export function find(link) {
  const isPage = link.getAttribute('aria-current') === 'page';
  const open = async () => {
    const input = isPage && /** @type {HTMLInputElement | null} */ (document.querySelector('.search-form input'));
    if (input) return input.select();
    const { findDialog } = await import('./search/dialog.js');
    findDialog(/** @type {HTMLAnchorElement} */ (link));
  };
  link.addEventListener('click', (event) => {
    if (isPage || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    open();
  });
  document.addEventListener('keydown', (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k';
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.isComposing || event.defaultPrevented || !(isCommand || (isSlash && !isWriting(event.target)))) return;
    event.preventDefault();
    open();
  });
}

/**
 * Finds in the transcript of the page: what the address asks for, and what is typed.
 *
 * @param {HTMLElement} form
 */
export function findHere(form) {
  form.hidden = false;
  /** @type {Promise<(query: string, isArrival: boolean) => void> | undefined} */
  let made;
  const load = () => (made ??= import('./search/here.js').then(({ here }) => here(/** @type {HTMLFormElement} */ (form))));
  const asked = new URLSearchParams(location.search).get('find');
  if (asked) load().then((go) => go(asked, true));
  form.addEventListener('focusin', load, { once: true });
  form.addEventListener('submit', (event) => event.preventDefault());
}

/** @param {HTMLElement} main */
export async function searches(main) {
  // Somebody may begin to compose before the rest is there.
  let isComposing = false;
  main.addEventListener('compositionstart', () => { isComposing = true; });
  main.addEventListener('compositionend', () => { isComposing = false; });
  const { searchPage } = await import('./search/page.js');
  searchPage(main, isComposing);
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/.test(target.localName));
}
