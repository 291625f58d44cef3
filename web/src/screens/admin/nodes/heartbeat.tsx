import { useEffect, useState } from 'react';
import { useFormat } from '#i18n/format.ts';

/** How long ago a daemon was heard of, by the second. */
export function Heartbeat({ time }: { readonly time: string | null }) {
  const format = useFormat();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return time === null ? (
    <>–</>
  ) : (
    <time dateTime={time} title={format.time(time)}>
      {format.ago(time)}
    </time>
  );
}
