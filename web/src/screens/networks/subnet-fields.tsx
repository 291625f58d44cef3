import { Accordion, Alert, Button, Group, Select, SimpleGrid, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMemo } from 'react';
import { subnets } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { uiTexts } from '#ui/texts.ts';
import type { Fields } from '#ui/use-fields.ts';
import { defaultGateway, parseCidr } from './address.ts';
import { called } from './names.ts';
import {
  ipv6Modes,
  overlapping,
  standardName,
  subnetOutlook,
  type Problem,
  type Problems,
  type SubnetValues,
} from './subnet-form.ts';
import { subnetTexts } from './subnet-texts.ts';

/** A subnet's fields: those that most need at once, the rest behind one heading. */
export function SubnetFields({
  fields,
  problems,
  network,
  existing,
}: {
  readonly fields: Fields<SubnetValues>;
  readonly problems: Problems;
  /** What its network is called: a new one is called after it. */
  readonly network?: string;
  /** The subnet that is being changed: its network and IPv6 modes are settled. */
  readonly existing?: string;
}) {
  const t = useText(subnetTexts);
  const u = useText(uiTexts);
  const { values } = fields;
  const cidr = parseCidr(values.cidr);
  const wrong = useProblemWords();
  const nameHint =
    network === undefined || network === '' ? u.optional : t.nameHint(standardName(network, cidr?.version ?? 4));
  const cidrProblem = values.cidr === '' ? undefined : problems.cidr;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t.cidr}
          description={t.cidrHint}
          required
          disabled={existing !== undefined}
          error={wrong(cidrProblem)}
          {...fields.text('cidr')}
        />
        <TextInput label={t.name} description={nameHint} maxLength={255} {...fields.text('name')} />
      </SimpleGrid>
      {cidrProblem?.kind === 'hostBits' && (
        <Group>
          <Button size="compact-sm" variant="default" onClick={() => fields.set('cidr', cidrProblem.meant)}>
            {t.useIt(cidrProblem.meant)}
          </Button>
        </Group>
      )}
      <Overlaps cidr={values.cidr} {...(existing !== undefined && { except: existing })} />
      <Outlook values={values} ok={Object.keys(problems).length === 0} />
      <Accordion variant="contained" chevronPosition="left" keepMounted={false}>
        <Accordion.Item value="more">
          <Accordion.Control>{t.more}</Accordion.Control>
          <Accordion.Panel>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput
                label={t.gateway}
                description={cidr ? t.gatewayHint(defaultGateway(cidr)) : undefined}
                disabled={values.gatewayOff}
                error={wrong(problems.gateway)}
                {...fields.text('gateway')}
              />
              <Group align="center" gap="lg">
                <Switch label={t.gatewayOff} {...fields.check('gatewayOff')} />
                <Switch label={t.dhcp} description={t.dhcpHint} {...fields.check('dhcp')} />
              </Group>
              <Textarea
                label={t.pools}
                description={t.poolsHint}
                autosize
                minRows={2}
                error={wrong(problems.pools)}
                {...fields.text('pools')}
              />
              <Textarea
                label={t.dns}
                description={t.dnsHint}
                autosize
                minRows={2}
                error={wrong(problems.dns)}
                {...fields.text('dns')}
              />
              <Textarea
                label={t.routes}
                description={t.routesHint}
                autosize
                minRows={2}
                error={wrong(problems.routes)}
                {...fields.text('routes')}
              />
              {cidr?.version === 6 && (
                <Select
                  label={t.ipv6Mode}
                  disabled={existing !== undefined || !values.dhcp}
                  allowDeselect={false}
                  error={wrong(problems.ipv6Mode)}
                  value={values.ipv6Mode}
                  onChange={(mode) => fields.set('ipv6Mode', mode ?? '')}
                  data={[
                    ...ipv6Modes.map((value) => ({
                      value,
                      label: { slaac: t.slaac, 'dhcpv6-stateful': t.stateful, 'dhcpv6-stateless': t.stateless }[value],
                    })),
                    { value: '', label: t.modeNone },
                  ]}
                />
              )}
            </SimpleGrid>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function Outlook({ values, ok }: { readonly values: SubnetValues; readonly ok: boolean }) {
  const t = useText(subnetTexts);
  const format = useFormat();
  const outlook = subnetOutlook(values);
  if (!outlook || !ok) return null;
  const { gateway, pools, addresses } = outlook;
  const count = addresses > 10n ** 9n ? `2^${addresses.toString(2).length - 1}` : format.number(Number(addresses));
  return (
    <Text size="sm" c="dimmed" role="status">
      {t.outlook(gateway ?? t.noGateway, pools.join(', '), count)}
    </Text>
  );
}

function Overlaps({ cidr, except }: { readonly cidr: string; readonly except?: string }) {
  const t = useText(subnetTexts);
  const { data } = useList(subnets);
  const others = useMemo(
    () =>
      overlapping(
        cidr,
        (data ?? []).filter(({ id }) => id !== except),
      ),
    [cidr, data, except],
  );
  if (others.length === 0) return null;
  return (
    <Alert color="orange" variant="light" icon={<IconAlertTriangle />} role="status">
      {t.overlaps(others.map((one) => `${called(one)} (${one.cidr})`).join(', '))}
    </Alert>
  );
}

/** A problem of a field, for the reader. */
function useProblemWords(): (problem: Problem | undefined) => string | undefined {
  const t = useText(subnetTexts);
  return (problem) => {
    if (!problem) return undefined;
    if (problem.kind === 'hostBits') return t.hostBits(problem.meant);
    return 'text' in problem ? t[problem.kind](problem.text) : t[problem.kind];
  };
}
