import { SHIFT, strokesOf, type Stroke } from './keysyms.ts';

export interface TypeOptions {
  /** Presses or releases a key; throws, or answers false, when the console is gone. */
  readonly key: (keysym: number, code: string | null, down: boolean) => boolean;
  /** Waits; rejects when `signal` ends it. */
  readonly wait: (ms: number) => Promise<void>;
  readonly progress: (typed: number, all: number) => void;
  readonly signal: AbortSignal;
}

/**
 * So slowly that a guest which is emulated, and reads its keyboard late, loses nothing: a PS/2 keyboard keeps sixteen bytes, a
 * shifted key has up to six.
 */
const KEY_MS = 12;
const STROKE_MS = 24;
/** A shell that has been given a line may be busy for a moment. */
const LINE_MS = 250;

/**
 * Types a text into a guest, key by key.
 * @returns how many characters were typed: fewer than there are when it was stopped or the console went away
 */
export async function typeText(text: string, { key, wait, progress, signal }: TypeOptions): Promise<number> {
  const strokes = strokesOf(text);
  let typed = 0;
  let shift = false;
  const setShift = async (down: boolean): Promise<boolean> => {
    if (shift === down) return true;
    shift = down;
    const sent = key(SHIFT.keysym, SHIFT.code, down);
    await wait(KEY_MS);
    return sent;
  };
  const press = async ({ keysym, code, shift: upper }: Stroke): Promise<boolean> => {
    if (!(await setShift(upper)) || !key(keysym, code, true)) return false;
    await wait(KEY_MS);
    return key(keysym, code, false);
  };
  try {
    for (const stroke of strokes) {
      if (signal.aborted || !(await press(stroke))) break;
      progress(++typed, strokes.length);
      await wait(stroke.code === 'Enter' ? LINE_MS : STROKE_MS);
    }
  } finally {
    // A Shift that stays down would turn everything typed later.
    if (shift) key(SHIFT.keysym, SHIFT.code, false);
  }
  return typed;
}
