import { useEffect, type RefObject } from 'react';

/** The way out of a console that takes every key: Ctrl, Alt and Shift together. */
const isLeave = ({ ctrlKey, altKey, shiftKey, key }: KeyboardEvent): boolean =>
  ctrlKey && altKey && shiftKey && ['Control', 'Alt', 'Shift', 'Meta'].includes(key);

/**
 * Gives the focus to `to` when the keys that leave are pressed within `inside`, before the console hears of them.
 * @param left is called then: keys that the guest believes to be down must be released
 */
export function useLeaveKeys(
  inside: RefObject<HTMLElement | null>,
  to: RefObject<HTMLElement | null>,
  left?: () => void,
): void {
  useEffect(() => {
    const element = inside.current;
    if (!element) return undefined;
    const listener = (event: KeyboardEvent): void => {
      if (!isLeave(event)) return;
      event.preventDefault();
      event.stopPropagation();
      to.current?.focus();
      left?.();
    };
    element.addEventListener('keydown', listener, { capture: true });
    return () => element.removeEventListener('keydown', listener, { capture: true });
  }, [inside, to, left]);
}
