/**
 * Starts the recording at a time: the times of turns and sections play from there, and `#t=` in the address says where
 * the player begins. Without a recording, and without scripts, times are links.
 *
 * @param {HTMLAudioElement} audio
 */
export function times(audio) {
  /** @param {number} time In seconds. */
  const seek = (time) => {
    // Before anything is loaded not every browser keeps the time.
    if (audio.readyState === 0) audio.addEventListener('loadedmetadata', () => { audio.currentTime = time; }, { once: true });
    audio.currentTime = time;
  };

  document.addEventListener('click', (event) => {
    const changed = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    const link = /** @type {Element} */ (event.target).closest('a.time, a.at');
    const time = link?.querySelector('time');
    if (changed || !time) return;
    event.preventDefault();
    seek(start(time));
    audio.play().catch(() => { /* the player shows why */ });
  });

  const begin = () => {
    const time = address(location.hash);
    if (time === null) return;
    seek(time);
    show(time);
  };
  addEventListener('hashchange', begin);
  begin();
}

/**
 * Brings the turn of a time into view.
 *
 * @param {number} time
 */
function show(time) {
  const turns = [...document.querySelectorAll('.turn:has(> header time)')];
  const now = turns.findLast((turn) => start(/** @type {HTMLTimeElement} */ (turn.querySelector('time'))) <= time);
  for (const turn of document.querySelectorAll('.turn[aria-current]')) turn.removeAttribute('aria-current');
  now?.setAttribute('aria-current', 'true');
  now?.scrollIntoView({ block: 'center' });
}

/**
 * @param {HTMLTimeElement} time
 * @returns {number} The seconds of its ISO 8601 duration.
 */
function start(time) {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(time.dateTime) ?? [];
  return 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + Number(seconds ?? 0);
}

/**
 * @param {string} hash `#t=` and a time as people write it: `754`, `754.5s`, `12:34`, `1:02:03`, `1h2m3s`.
 * @returns {number | null} Seconds.
 */
function address(hash) {
  const written = /^#t=(?:npt:)?([\d.:hms]+)/i.exec(hash.replaceAll('%3A', ':'))?.[1].toLowerCase() ?? '';
  const numbers = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)s?$/.exec(written)
    ?? /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(written);
  if (!numbers) return null;
  const [hours, minutes, seconds] = numbers.slice(1).map((number) => Number(number ?? 0));
  return 3600 * hours + 60 * minutes + seconds;
}
