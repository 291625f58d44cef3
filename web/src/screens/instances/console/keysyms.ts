/** One stroke of a key: what VNC calls it, and where it lies on a US keyboard. */
export interface Stroke {
  readonly keysym: number;
  /** `KeyA`, as DOM events have it; null for what no US keyboard has. */
  readonly code: string | null;
  readonly shift: boolean;
}

export const SHIFT = { keysym: 0xffe1, code: 'ShiftLeft' } as const;
export const CONTROL = { keysym: 0xffe3, code: 'ControlLeft' } as const;
export const ALT = { keysym: 0xffe9, code: 'AltLeft' } as const;

const plain: Readonly<Record<string, string>> = {
  ' ': 'Space',
  '`': 'Backquote',
  '-': 'Minus',
  '=': 'Equal',
  '[': 'BracketLeft',
  ']': 'BracketRight',
  '\\': 'Backslash',
  ';': 'Semicolon',
  "'": 'Quote',
  ',': 'Comma',
  '.': 'Period',
  '/': 'Slash',
};
/** What a key gives with Shift. */
const shifted: Readonly<Record<string, string>> = {
  '~': 'Backquote',
  '!': 'Digit1',
  '@': 'Digit2',
  '#': 'Digit3',
  $: 'Digit4',
  '%': 'Digit5',
  '^': 'Digit6',
  '&': 'Digit7',
  '*': 'Digit8',
  '(': 'Digit9',
  ')': 'Digit0',
  _: 'Minus',
  '+': 'Equal',
  '{': 'BracketLeft',
  '}': 'BracketRight',
  '|': 'Backslash',
  ':': 'Semicolon',
  '"': 'Quote',
  '<': 'Comma',
  '>': 'Period',
  '?': 'Slash',
};
const special: Readonly<Record<string, Stroke>> = {
  '\n': { keysym: 0xff0d, code: 'Enter', shift: false },
  '\t': { keysym: 0xff09, code: 'Tab', shift: false },
  '\b': { keysym: 0xff08, code: 'Backspace', shift: false },
  '\u001b': { keysym: 0xff1b, code: 'Escape', shift: false },
};

/** The keysym of a character: Latin 1 is itself, the rest is Unicode above 0x01000000 (X11's rule). */
const keysymOf = (character: string): number => {
  const point = character.codePointAt(0) ?? 0;
  return point <= 0xff ? point : 0x0100_0000 + point;
};

/** The stroke that types a character. */
export function strokeOf(character: string): Stroke {
  const known = special[character];
  if (known) return known;
  const keysym = keysymOf(character);
  if (/^[a-z]$/.test(character)) return { keysym, code: `Key${character.toUpperCase()}`, shift: false };
  if (/^[A-Z]$/.test(character)) return { keysym, code: `Key${character}`, shift: true };
  if (/^[0-9]$/.test(character)) return { keysym, code: `Digit${character}`, shift: false };
  const upper = shifted[character];
  return { keysym, code: upper ?? plain[character] ?? null, shift: upper !== undefined };
}

/** The strokes that type a text; line ends of any kind are one Enter, other control characters are left out. */
export const strokesOf = (text: string): readonly Stroke[] =>
  [...text.replace(/\r\n?/g, '\n')].filter((one) => !isSilent(one)).map(strokeOf);

const isSilent = (character: string): boolean => {
  const point = character.codePointAt(0) ?? 0;
  return special[character] === undefined && (point < 0x20 || (point >= 0x7f && point < 0xa0));
};

/** Characters that no US keyboard has: whether a guest takes them depends on its VNC server. */
export const unusual = (text: string): readonly string[] => [
  ...new Set(strokesOf(text).flatMap(({ keysym, code }) => (code === null ? [charOf(keysym)] : []))),
];
const charOf = (keysym: number): string => String.fromCodePoint(keysym >= 0x0100_0000 ? keysym - 0x0100_0000 : keysym);
