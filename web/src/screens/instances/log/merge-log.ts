/** Lines that the page keeps of a log; older ones go. */
export const KEPT_LINES = 20_000;

/**
 * Adds what is new in a log's tail to what is shown: the service gives only its last part, again and again.
 * @param shown lines that are shown, the last perhaps unfinished
 * @param tail the log's last lines as they are now
 * @returns the same array when nothing is new
 */
export function mergeLog(shown: readonly string[], tail: readonly string[]): readonly string[] {
  if (shown.length === 0) return cut(tail);
  if (tail.length === 0) return shown;
  const at = overlap(shown, tail);
  // Nothing in common: it was started anew, or more than the tail was written meanwhile.
  if (at === null) return cut([...shown, ...(shown.at(-1) === '' ? [] : ['']), ...tail]);
  const common = shown.length - at;
  if (common === tail.length && shown.at(-1) === tail.at(-1)) return shown;
  return cut([...shown.slice(0, -1), ...tail.slice(common - 1)]);
}

const cut = (lines: readonly string[]): readonly string[] =>
  lines.length > KEPT_LINES ? lines.slice(-KEPT_LINES) : lines;

/**
 * The line of `shown` with which `tail` begins: from there on both are the same, but that the last one shown may have
 * been written on. The earliest one is taken: the longest piece in common.
 */
function overlap(shown: readonly string[], tail: readonly string[]): number | null {
  const last = shown.length - 1;
  for (let at = Math.max(0, shown.length - tail.length); at <= last; at++) {
    let same = 0;
    while (at + same < last && shown[at + same] === tail[same]) same++;
    if (at + same !== last) continue;
    const goesOn = (tail[same] ?? '').startsWith(shown[last] ?? '');
    // A single unfinished line proves nothing when it is empty; several lines do, though the last was written over.
    if (goesOn ? same > 0 || shown[last] !== '' : same > 1) return at;
  }
  return null;
}

// Colours and cursor movements of terminals.
// eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** A log's text as lines: without terminals' escape sequences, carriage returns and other control characters. */
export function linesOf(text: string): readonly string[] {
  const lines = text
    .replace(escapes, '')
    .split('\n')
    .map((one) =>
      one
        .replace(/\r+$/, '')
        .replace(/^.*\r/, '')
        // eslint-disable-next-line no-control-regex -- nothing to be seen
        .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ''),
    );
  return lines;
}
