import { useEffect, useState } from 'react';
import { useLive } from '#api/live-state.ts';
import { useSignedIn } from '#api/session.ts';
import { useRecentEvents } from '#app/recent-events.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Facts } from '#ui/facts.tsx';
import { Status } from '#ui/status.tsx';
import { Section } from '../nodes/section.tsx';
import { adminTexts } from '../texts.ts';
import { skewOf, verdictOf } from './clock.ts';
import { systemTexts } from './texts.ts';
import type { Probed } from './use-probes.ts';

/** Which program this is, whether it hears the cloud, and whether the clocks agree. */
export function ConsoleSection({ probes }: { readonly probes: Probed }) {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const format = useFormat();
  const { version, expiresAt, services } = useSignedIn();
  const live = useLive();
  const events = useRecentEvents();
  const stream = !services.event ? t.streamMissing : live ? t.streamLive : t.streamAway;
  return (
    <>
      <Section title={admin.console}>
        <Facts
          rows={[
            [admin.program, `${t.program} ${version}`],
            [t.signedInUntil, format.time(expiresAt)],
            [admin.stream, <Status key="stream" status={stream} tone={live ? 'good' : 'warn'} />],
            [t.heard, t.heardEvents(events.length, format.ago(events[0]?.time))],
          ]}
        />
      </Section>
      <Clocks probes={probes} />
    </>
  );
}

function Clocks({ probes }: { readonly probes: Probed }) {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const format = useFormat();
  const { timeZone } = useSignedIn();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const found = skewOf([...probes.values()].flatMap(({ probe }) => probe?.clock ?? []));
  const verdict = found && verdictOf(found.skewMs, found.errorMs);
  const span = format.span(Math.round(Math.abs(found?.skewMs ?? 0) / 1000));
  const words = verdict && { agree: t.agree, ahead: t.ahead(span), behind: t.behind(span) }[verdict];
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // What agrees as well as can be told ticks as one.
  const shift = verdict === 'agree' ? 0 : (found?.skewMs ?? 0);
  return (
    <Section title={t.clocks}>
      <Facts
        rows={[
          [admin.time, format.time(new Date(now).toISOString())],
          [t.cloudClock, found ? format.time(new Date(now - shift).toISOString()) : null],
          [
            t.skew,
            verdict && words && <Status key="skew" status={words} tone={verdict === 'agree' ? 'good' : 'warn'} />,
          ],
          [t.timeZone, timeZone === null ? t.zoneOfBrowser(browserZone) : t.zoneOfServer(timeZone)],
        ]}
      />
      {verdict !== null && verdict !== 'agree' && t.skewHint}
    </Section>
  );
}
