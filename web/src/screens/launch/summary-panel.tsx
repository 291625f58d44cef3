import { Button, List, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { CommandPreview } from '#ui/command-preview.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { novaCommand, openstackCommand } from './commands.ts';
import { isOver, type Standing } from './fit.ts';
import { namesInShort } from './form.ts';
import { useNetworkNames } from './network-section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';
import { amountOf, blockWords } from './words.ts';
import classes from './launch.module.css';

/** Beside the form: what will come of it, what it takes, what is missing, and the button. */
export function SummaryPanel({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const format = useFormat();
  const { blocks, fit, fits, busy, error, form } = launch;
  const missing = blocks.flatMap((block) => blockWords(block, t, format));
  const noRoom = missing.length === 0 && !fits.asking && fit?.fits === false;
  return (
    <Paper withBorder p="md" component="aside" aria-label={t.summary}>
      <Stack gap="md">
        <Chosen launch={launch} />
        {launch.standings.length > 0 && <QuotaAfter standings={launch.standings} />}
        {missing.length > 0 && (
          <div role="status">
            <Text size="sm" fw={600}>
              {t.missing}
            </Text>
            <List size="sm">
              {missing.map((words) => (
                <List.Item key={words}>{words}</List.Item>
              ))}
            </List>
          </div>
        )}
        {noRoom && (
          <Text size="sm" role="status">
            {t.anywayHint}
          </Text>
        )}
        {error != null && (
          <ErrorNotice error={error} title={t.failed}>
            <Text size="sm">{t.kept}</Text>
          </ErrorNotice>
        )}
        <div>
          <Button
            type="submit"
            fullWidth
            size="md"
            loading={busy}
            leftSection={<IconRocket size={18} />}
            aria-disabled={missing.length > 0}
            {...(missing.length > 0 && { 'data-disabled': true })}
            {...(noRoom && { variant: 'light', color: 'orange' })}
          >
            {noRoom ? t.launchAnyway : t.launch(form.count)}
          </Button>
          <Text size="xs" c="dimmed" ta="center" mt={4} visibleFrom="sm">
            {t.launchKey}
          </Text>
        </div>
        <LaunchPreview launch={launch} />
      </Stack>
    </Paper>
  );
}

function Chosen({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { form, choices, flavor } = launch;
  const { nameOf } = useNetworkNames(launch);
  const { image, volume, snapshot } = choices;
  const from = { image, newVolume: image, volume, snapshot }[form.source];
  const size = form.source === 'newVolume' || form.source === 'snapshot' ? choices.volumeSize : null;
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        {t.summary}
      </Title>
      <Choices
        rows={[
          [ui.name, form.name.trim() === '' ? t.nothing : namesInShort(form.name.trim(), form.count)],
          [
            t.sourceName(form.source),
            from ? [from.name || from.id, size !== null && format.gib(size)].filter(Boolean).join(' · ') : t.nothing,
          ],
          [t.flavor, flavor?.name ?? t.nothing],
          [t.networks, choices.networks.length === 0 ? ui.none : format.list(choices.networks.map(nameOf))],
          [t.securityGroups, format.list(choices.securityGroups.map(({ name }) => name))],
          [t.keyPair, choices.keyName === '' ? ui.none : choices.keyName],
        ]}
      />
    </div>
  );
}

/** Term and value on one line: the panel is narrow. */
const Choices = ({ rows }: { readonly rows: readonly (readonly [string, string])[] }) => (
  <dl className={classes['choices']}>
    {rows.map(([term, value]) => (
      <Fragment key={term}>
        <dt>{term}</dt>
        <dd>{value || '–'}</dd>
      </Fragment>
    ))}
  </dl>
);

function QuotaAfter({ standings }: { readonly standings: readonly Standing[] }) {
  const t = useText(launchTexts);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t.quotaAfter}
      </Text>
      <Stack gap={6}>
        {standings.map((standing) => (
          <QuotaBar key={standing.resource} standing={standing} />
        ))}
      </Stack>
    </div>
  );
}

/** What is used, and on top what the launch takes. */
function QuotaBar({ standing }: { readonly standing: Standing }) {
  const t = useText(launchTexts);
  const format = useFormat();
  const { resource, used, needed, limit } = standing;
  const amount = (value: number): string => amountOf(resource, value, format);
  const share = (value: number): number =>
    limit === null ? 0 : limit === 0 ? 100 : Math.min(100, (100 * value) / limit);
  const over = isOver(standing);
  const words = limit === null ? t.noLimit(amount(used + needed)) : t.ofLimit(amount(used + needed), amount(limit));
  return (
    <div>
      <Text size="xs" {...(over && { c: 'red', fw: 600 })}>
        {t.resource(resource)}: {words}
      </Text>
      {limit !== null && (
        <Progress.Root size="sm" aria-hidden>
          <Progress.Section value={share(used)} color="gray.5" />
          <Progress.Section value={Math.min(100 - share(used), share(needed))} color={over ? 'red' : 'ice'} />
        </Progress.Root>
      )}
    </div>
  );
}

function LaunchPreview({ launch }: { readonly launch: Launch }) {
  const { form, choices, flavor, offer, body } = launch;
  const compute = useSignedIn().services.compute?.url ?? '';
  const names = { images: offer.images, flavors: offer.flavors };
  const shown = form.userData === '' ? body : { ...body, server: { ...body.server, user_data: '… (base64)' } };
  return (
    <CommandPreview
      command={openstackCommand(form, choices, flavor, names)}
      other={{ label: 'nova boot', text: novaCommand(form, choices, flavor, names) }}
      call={{ method: 'POST', url: `${compute}/servers`, body: shown }}
    />
  );
}
