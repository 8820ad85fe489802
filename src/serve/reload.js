// Keeps a page of the preview as the site has it. Served by `podleaf serve`, and in no build.
(() => {
  'use strict';
  const script = document.currentScript;
  if (!script || !window.EventSource) return;
  const shown = {
    path: location.pathname,
    key: script.dataset.key ?? '',
    body: script.dataset.body ?? '',
    assets: script.dataset.assets ?? '',
    scripts: script.dataset.scripts ?? '',
    generation: script.dataset.generation ?? '0',
  };
  const PLACE = 'podleaf-place';

  // What stays in the window while the page is scrolled tells no place in it.
  function isHeld(element) {
    for (let one = element; one; one = one.parentElement) {
      if (['sticky', 'fixed'].includes(getComputedStyle(one).position)) return true;
    }
    return false;
  }

  // Where the reader is: by what is at the top of the window, since lengths above it may change.
  function rememberPlace() {
    const marks = [];
    for (const element of document.querySelectorAll('[id]')) {
      const box = element.getBoundingClientRect();
      if (box.height === 0 || box.top < 0 || box.height > innerHeight || isHeld(element)) continue;
      marks.push([element.id, box.top]);
      if (marks.length > 20) break;
    }
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, y: scrollY, marks }));
    } catch { /* Without storage the browser's own memory of the place has to do. */ }
  }

  function returnToPlace() {
    let place;
    try {
      place = JSON.parse(sessionStorage.getItem(PLACE));
      sessionStorage.removeItem(PLACE);
    } catch { return; }
    if (!place || place.path !== location.pathname) return;
    history.scrollRestoration = 'manual';
    const go = () => {
      if (place.y === 0) return scrollTo({ top: 0, behavior: 'instant' });
      for (const [id, top] of place.marks) {
        const element = document.getElementById(id);
        if (!element) continue;
        const off = element.getBoundingClientRect().top - top;
        if (Math.abs(off) > 0.5) scrollBy({ top: off, behavior: 'instant' });
        return;
      }
      scrollTo({ top: place.y, behavior: 'instant' });
    };
    // Text takes its real height only once it is in view: again until it rests, or the reader moves.
    let isOver = false;
    const end = () => {
      isOver = true;
      history.scrollRestoration = 'auto';
    };
    for (const name of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(name, end, { once: true, passive: true });
    let frames = 0;
    const again = () => {
      if (isOver) return;
      go();
      frames += 1;
      if (frames < 30) requestAnimationFrame(again); else end();
    };
    again();
    addEventListener('load', () => { if (!isOver) go(); });
  }

  let isLeaving = false;
  function reload() {
    if (isLeaving) return;
    isLeaving = true;
    rememberPlace();
    location.reload();
  }

  // A style sheet is exchanged once the new one is there, so that the page is never bare.
  function exchangeStyle(link, href) {
    const fresh = link.cloneNode();
    fresh.addEventListener('load', () => link.remove());
    fresh.addEventListener('error', () => fresh.remove());
    fresh.href = href;
    link.after(fresh);
  }

  function exchangeStyles({ from, to }) {
    for (const link of document.querySelectorAll('link[rel~="stylesheet"]')) {
      if (link.href.includes(from)) exchangeStyle(link, link.href.replace(from, to));
    }
  }

  function exchangeFiles(files, generation) {
    const changed = new Set(files);
    const fresh = (address) => {
      const url = new URL(address, location.href);
      if (url.origin !== location.origin || !changed.has(url.pathname)) return null;
      url.searchParams.set('v', generation);
      return url.href;
    };
    for (const link of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const href = fresh(link.href);
      if (href) exchangeStyle(link, href);
    }
    for (const image of document.images) {
      const src = fresh(image.src);
      if (src) image.src = src;
    }
    for (const own of document.querySelectorAll('script[src]')) if (fresh(own.src)) reload();
  }

  // Errors, over the page as it was last good. All of it is text: nothing of a file is ever read as markup.
  let overlay;
  function show(errors, count) {
    overlay?.remove();
    overlay = undefined;
    if (count === 0) return;
    overlay = document.createElement('podleaf-errors');
    const root = overlay.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      :host { all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483647; }
      section { box-sizing: border-box; max-height: 60vh; overflow: auto; padding: 1rem 1.25rem; background: #1c1917;
        color: #fafaf9; font: 15px/1.5 system-ui, sans-serif; border-top: 4px solid #f87171; }
      header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; }
      h2 { margin: 0; font-size: 1.05rem; } h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
      a { color: #93c5fd; } code, pre { font: 13px/1.5 ui-monospace, monospace; }
      pre { margin: .25rem 0; padding: .5rem .75rem; overflow-x: auto; background: #292524; white-space: pre; }
      p { margin: .25rem 0; } button { font: inherit; padding: .15rem .75rem; cursor: pointer; }
    `);
    root.adoptedStyleSheets = [sheet];
    const add = (parent, name, text) => {
      const element = document.createElement(name);
      if (text !== undefined) element.textContent = text;
      parent.append(element);
      return element;
    };
    const section = add(root, 'section');
    section.setAttribute('role', 'alert');
    section.setAttribute('lang', 'en');
    const header = add(section, 'header');
    add(header, 'h2', `${count === 1 ? 'One error' : `${count} errors`}: the page is as it was before`);
    add(header, 'button', 'Hide').addEventListener('click', () => show([], 0));
    for (const error of errors) {
      add(section, 'h3', error.message);
      if (error.place) {
        const place = add(section, 'p');
        const target = error.editor ? add(place, 'a') : add(place, 'code');
        target.textContent = error.place;
        if (error.editor) target.href = error.editor;
      }
      if (error.source) add(section, 'pre', error.source);
      if (error.label) add(section, 'p', error.label);
      for (const help of error.help) add(section, 'p', help);
    }
    if (count > errors.length) add(section, 'p', `and ${count - errors.length} more: see the terminal`);
    document.documentElement.append(overlay);
  }

  // What only writers need comes by itself, and later than the page.
  const writer = import('/.podleaf/writer.js').catch(() => undefined);

  function take(state) {
    if (state.reload) return reload();
    writer.then((module) => module?.refresh());
    if (state.styles) exchangeStyles(state.styles);
    if (state.files.length > 0) exchangeFiles(state.files, state.generation);
    shown.key = state.key;
    shown.assets = state.assets;
    if (shown.key !== '') {
      shown.generation = state.generation;
      show(state.errors, state.n_errors);
    }
  }

  // One connection for each page in view: a browser has few for one server.
  let source;
  let waiting;
  function listen() {
    clearTimeout(waiting);
    if (source || document.visibilityState === 'hidden') return;
    source = new EventSource(`/.podleaf/events?${new URLSearchParams(shown)}`);
    source.addEventListener('state', (event) => take(JSON.parse(event.data)));
    source.addEventListener('error', () => {
      // What cannot go on by itself begins anew; a page that was changed meanwhile is found by its key.
      if (source?.readyState !== EventSource.CLOSED) return;
      rest();
      waiting = setTimeout(listen, 1000);
    });
  }
  function rest() {
    source?.close();
    source = undefined;
  }
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? rest() : listen()));
  addEventListener('pagehide', rest);
  addEventListener('pageshow', listen);
  returnToPlace();
  listen();
})();
