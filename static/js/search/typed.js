/**
 * Calls back once typing pauses, and never amid the composition of a character.
 *
 * @param {HTMLInputElement} input
 * @param {() => void} callback
 */
export function typed(input, callback) {
  let timer = 0;
  let isComposing = false;
  const later = () => {
    clearTimeout(timer);
    if (!isComposing) timer = setTimeout(callback, PAUSE_MS);
  };
  input.addEventListener('compositionstart', () => {
    isComposing = true;
    clearTimeout(timer);
  });
  input.addEventListener('compositionend', () => {
    isComposing = false;
    later();
  });
  input.addEventListener('input', later);
}

const PAUSE_MS = 60;
