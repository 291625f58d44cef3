import { useCallback, useState } from 'react';

/** A text that is kept in the address (`?q=web`), so that a link or the back button brings it back. */
export function useUrlText(name: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => new URLSearchParams(location.search).get(name) ?? '');
  const change = useCallback(
    (next: string) => {
      setText(next);
      const url = new URL(location.href);
      if (next === '') url.searchParams.delete(name);
      else url.searchParams.set(name, next);
      history.replaceState(history.state, '', url);
    },
    [name],
  );
  return [text, change];
}
