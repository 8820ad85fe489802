/**
 * Calls back at what is typed: at once, and amid fast typing once in a while. Never amid the composition of a character.
 *
 * @param {HTMLInputElement} input
 * @param {() => void} callback
 * @param {boolean} isComposing whether a composition has begun already
 */
export function typed(input, callback, isComposing = false) {
  let timer = 0;
  let last = -Infinity;
  const call = () => {
    last = performance.now();
    callback();
  };
  const soon = () => {
    clearTimeout(timer);
    const wait = last + PAUSE_MS - performance.now();
    if (isComposing) return;
    if (wait <= 0) call();
    else timer = setTimeout(call, wait);
  };
  input.addEventListener('compositionstart', () => {
    isComposing = true;
    clearTimeout(timer);
  });
  input.addEventListener('compositionend', () => {
    isComposing = false;
    soon();
  });
  input.addEventListener('input', soon);
}

const PAUSE_MS = 60;
