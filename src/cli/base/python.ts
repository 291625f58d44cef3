/** A value as Python's `str` prints it: what the clients put into a cell. */
export function pyText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'object') return pyJson(value);
  return String(value);
}

/** JSON with a blank after commas and colons, as Python writes it. */
export function pyJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pyJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${pyJson(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

/** A number that Python keeps as a float: `1.0`. */
export const pyFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** Byte order: capitals before lower case. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `true`, `1`, `t`, `yes`, `on`: what the clients take as true; undefined for what is neither true nor false. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(true|1|t|y|yes|on)$/i.test(text)) return true;
  if (/^(false|0|f|n|no|off)$/i.test(text)) return false;
  return undefined;
}
