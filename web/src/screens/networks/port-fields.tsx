import { Alert, MultiSelect, SimpleGrid, Switch, Textarea, TextInput } from '@mantine/core';
import { securityGroups } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from '#ui/texts.ts';
import type { Fields } from '#ui/use-fields.ts';
import { called } from './names.ts';
import { pairsOf, wrongPair } from './port-form.ts';
import { portTexts } from './port-texts.ts';
import { useReach } from './use-network.ts';

/** What is typed into the form of a port. */
export interface PortValues {
  readonly name: string;
  readonly adminState: boolean;
  readonly portSecurity: boolean;
  readonly groups: readonly string[];
  readonly pairs: string;
  readonly subnet: string;
  readonly address: string;
  readonly mac: string;
}

/** The flags that ports are made and changed with. */
export const portFlags = (values: PortValues): readonly (string | readonly string[] | false)[] => [
  !values.adminState && '--disable',
  !values.portSecurity && '--disable-port-security',
  ...(values.portSecurity ? values.groups.map((group) => ['--security-group', group]) : []),
  ...(values.portSecurity ? pairsOf(values.pairs) : []).map(({ ip_address, mac_address }) => [
    '--allowed-address',
    `ip-address=${ip_address}${mac_address === undefined ? '' : `,mac-address=${mac_address}`}`,
  ]),
];

/** What can be changed later, too. */
export function PortFields({ fields, owner }: { readonly fields: Fields<PortValues>; readonly owner: boolean }) {
  const t = useText(portTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const { data: groups } = useList(securityGroups, reach);
  const { values } = fields;
  const wrong = wrongPair(values.pairs);
  return (
    <>
      <TextInput label={u.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Switch label={t.adminState} {...fields.check('adminState')} />
        <Switch
          label={t.portSecurity}
          disabled={!owner}
          description={owner ? undefined : t.notYourNetwork}
          {...fields.check('portSecurity')}
        />
      </SimpleGrid>
      {values.portSecurity ? (
        <>
          <MultiSelect
            label={t.groups}
            searchable
            value={[...values.groups]}
            onChange={(chosen) => fields.set('groups', chosen)}
            data={(groups ?? []).map((group) => ({ value: group.id, label: called(group) }))}
          />
          {values.groups.length === 0 && (
            <Alert color="orange" variant="light" role="status">
              {t.noGroups}
            </Alert>
          )}
          <Textarea
            label={t.pairs}
            description={t.pairsHint}
            autosize
            minRows={2}
            error={wrong === undefined ? undefined : t.notPair(wrong)}
            {...fields.text('pairs')}
          />
        </>
      ) : (
        <Alert color="orange" variant="light" role="status">
          {t.securityOff}
        </Alert>
      )}
    </>
  );
}
