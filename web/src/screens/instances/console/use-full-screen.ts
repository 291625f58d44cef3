import { useEffect, useState, type RefObject } from 'react';

/** Whether an element fills the screen, and what changes it. */
export function useFullScreen(element: RefObject<HTMLElement | null>): readonly [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const look = (): void => setFull(document.fullscreenElement === element.current && element.current !== null);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, [element]);
  const toggle = (): void => void (full ? document.exitFullscreen() : element.current?.requestFullscreen());
  return [full, toggle];
}
