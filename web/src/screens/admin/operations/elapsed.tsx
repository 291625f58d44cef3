import { useEffect, useState } from 'react';
import { useFormat } from '#i18n/format.ts';
import { seconds } from './merge.ts';

/** How long something has gone on, by the second. */
export function Elapsed({ since }: { readonly since: string }) {
  const format = useFormat();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{format.span(Math.floor(seconds(since, null, now)))}</>;
}
