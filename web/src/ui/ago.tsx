import { useEffect, useState } from 'react';
import { useFormat } from '#i18n/format.ts';

/** How long ago something was; the exact time on pointing. Goes on by itself. */
export function Ago({ time }: { readonly time: string | null | undefined }) {
  const format = useFormat();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  return time ? (
    <time dateTime={time} title={format.time(time)}>
      {format.ago(time)}
    </time>
  ) : (
    <>–</>
  );
}
