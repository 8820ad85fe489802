/**
 * One row of actions for all turns: it moves to the turn under the pointer or the focus.
 * Words come from the template's markup, so that they are in the page's language.
 *
 * @param {HTMLTemplateElement} template
 */
export function turnTools(template) {
  const tools = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  const status = /** @type {HTMLElement} */ (document.querySelector('[role="status"]'));
  const play = /** @type {HTMLElement | null} */ (tools.querySelector('[data-act="play"]'));
  const { copied = '', quote = '' } = template.dataset;

  /** @param {Element | null} turn */
  const show = (turn) => {
    const header = turn?.querySelector(':scope > header');
    if (!header || tools.parentNode === header) return;
    if (play) play.hidden = !header.querySelector('time');
    header.append(tools);
  };
  document.addEventListener('pointerover', (event) => {
    if (!tools.contains(document.activeElement)) show(/** @type {Element} */ (event.target).closest('.turn'));
  });
  document.addEventListener('focusin', (event) => {
    show(/** @type {Element} */ (event.target).closest('.turn'));
  });

  tools.addEventListener('click', async (event) => {
    const button = /** @type {Element} */ (event.target).closest('button');
    const turn = tools.closest('.turn');
    if (!button || !turn) return;
    if (button === play) {
      turn.querySelector('time')?.click();
      return;
    }
    const text = button.dataset.act === 'link' ? address(turn) : quotation(turn, quote);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return;
    }
    status.textContent = copied;
    button.dataset.done = '';
    setTimeout(() => {
      status.textContent = '';
      delete button.dataset.done;
    }, 1500);
  });
}

/**
 * @param {Element} turn
 * @returns {string} The turn's permalink.
 */
function address(turn) {
  const url = new URL(location.href);
  url.hash = turn.id;
  return url.href;
}

/**
 * @param {Element} turn
 * @param {string} pattern With `{text}`, `{name}` and `{url}`.
 * @returns {string} What somebody said, who, and where it stands.
 */
function quotation(turn, pattern) {
  /** @type {Record<string, string>} */
  const parts = {
    text: [...turn.querySelectorAll(':scope > p')].map((p) => p.textContent).join('\n'),
    name: turn.querySelector('.speaker')?.textContent ?? '',
    url: address(turn),
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, key) => parts[key] ?? whole);
}
