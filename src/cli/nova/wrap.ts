import { pyJson, pyText } from '../base/python.ts';

/** Words on lines of at most so many characters; longer words are cut. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > width && word.length <= width) {
      lines.push(line);
      line = word;
      continue;
    }
    line = line === '' ? word : `${line} ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line].join('\n');
}

/** Values on lines of at most so many characters; 0 leaves them as they are. */
export function wrapped(item: Readonly<Record<string, unknown>>, width: number): Record<string, unknown> {
  if (width <= 0) return { ...item };
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      value === null ? null : wrap(typeof value === 'object' ? pyJson(value) : pyText(value), width),
    ]),
  );
}
