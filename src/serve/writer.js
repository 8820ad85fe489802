// For whom writes: from a turn of the page to its line in the source, and what was found there beside the turn.
// Served by `podleaf serve`, and in no build. All of it is text: nothing of a file is ever read as markup.

let map = { turns: {}, findings: [] };
let margin;
let marks = [];

/** Fetches where the turns of this page were written. */
export async function refresh() {
  try {
    const answer = await fetch(`/.podleaf/source?${new URLSearchParams({ path: location.pathname })}`);
    if (!answer.ok) return;
    map = await answer.json();
  } catch { return; /* The preview has ended; the map is as old as the page. */ }
  show();
}

const address = (line) => map.editor?.replaceAll('{line}', line).replaceAll('{column}', 1);

/** The turn that an element is in. */
function turnOf(element) {
  for (let one = element; one; one = one.parentElement) if (one.id && map.turns[one.id]) return one;
  return null;
}

// The server starts no program: the browser hands the address over.
function open(href) {
  const link = document.createElement('a');
  link.href = href;
  document.body.append(link);
  link.click();
  link.remove();
}

document.addEventListener('click', (event) => {
  const turn = event.altKey && event.isTrusted ? turnOf(event.target) : null;
  if (!turn || !map.editor) return;
  event.preventDefault();
  event.stopPropagation();
  open(address(map.turns[turn.id]));
}, true);

function show() {
  margin?.remove();
  margin = undefined;
  marks = [];
  if (map.findings.length === 0) return;
  margin = document.createElement('podleaf-margin');
  const root = margin.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: absolute; inset: 0 0 auto auto; z-index: 2147483646; }
    details { position: absolute; inset-inline-end: .25rem; max-inline-size: min(20rem, 80vw); inline-size: max-content;
      font: 13px/1.4 system-ui, sans-serif; color: #422006; background: #fef3c7; border: 1px solid #b45309;
      border-radius: 4px; padding: 0 .375rem; }
    summary { cursor: pointer; } p { margin: .25rem 0; } a { color: inherit; }
  `);
  root.adoptedStyleSheets = [sheet];
  const add = (parent, name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    parent.append(element);
    return element;
  };
  for (const finding of map.findings) {
    const mark = document.createElement('details');
    mark.lang = 'en';
    add(mark, 'summary', finding.severity).setAttribute('aria-label', `${finding.severity}: ${finding.message}`);
    add(mark, 'p', finding.message);
    for (const help of finding.help) add(mark, 'p', help);
    const place = finding.place && add(mark, 'p', '');
    if (place) add(place, finding.editor ? 'a' : 'span', finding.place);
    if (finding.editor) place.querySelector('a').href = finding.editor;
    root.append(mark);
    marks.push([mark, finding.turn]);
  }
  document.documentElement.append(margin);
  place();
}

// A turn takes its real height only once it is in view, so that those after it move.
function place() {
  const ends = new Map();
  for (const [mark, id] of marks) {
    const turn = (id && document.getElementById(id)) ?? document.querySelector('h1') ?? document.body;
    const top = Math.max(turn.getBoundingClientRect().top + scrollY, ends.get(turn) ?? 0);
    mark.style.insetBlockStart = `${top}px`;
    ends.set(turn, top + mark.offsetHeight + 2);
  }
}

let isWaiting = false;
function placeSoon() {
  if (isWaiting || marks.length === 0) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    place();
  });
}
addEventListener('scroll', placeSoon, { passive: true });
addEventListener('resize', placeSoon);
new ResizeObserver(placeSoon).observe(document.body);
