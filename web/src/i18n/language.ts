import { useSyncExternalStore } from 'react';

/** The console's languages; every catalogue has them all. */
export const languages = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof languages;

const KEY = 'igloo-language';
const listeners = new Set<() => void>();
let current: Language = stored() ?? preferred();

function stored(): Language | null {
  const value = localStorage.getItem(KEY);
  return value !== null && value in languages ? (value as Language) : null;
}
/** The browser's first choice that we have. */
function preferred(): Language {
  return navigator.languages.find((tag) => /^(zh|en)\b/.test(tag))?.startsWith('zh') ? 'zh-CN' : 'en';
}

/** The language of now, outside components. */
export const language = (): Language => current;

/** Changes the whole console's language at once, and remembers it in this browser. */
export function setLanguage(next: Language): void {
  current = next;
  localStorage.setItem(KEY, next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
