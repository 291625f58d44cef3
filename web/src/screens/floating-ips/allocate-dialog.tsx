import { Fieldset, Select, SimpleGrid, TextInput } from '@mantine/core';
import { projects } from '#api/identity/identity.ts';
import { networks } from '#api/network/networks.ts';
import { floatingIpWrites, type NewFloatingIp } from '#api/network/floating-ip-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { wordsOf } from '#ui/error-notice.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { parseIp } from '../networks/address.ts';
import { called } from '../networks/names.ts';
import { networkTexts } from '../networks/texts.ts';
import { useReread } from '../networks/use-network.ts';
import { floatingTexts } from './texts.ts';

/** Takes addresses from a pool, several at once; what was got before a failure is kept and said. */
export function AllocateDialog({ close }: { readonly close: () => void }) {
  const t = useText(floatingTexts);
  const n = useText(networkTexts);
  const u = useText(uiTexts);
  const { isAdmin } = useSignedIn();
  const reread = useReread();
  const { data } = useList(networks);
  const { data: allProjects } = useList(projects, { enabled: isAdmin });
  const pools = (data ?? []).filter((network) => network['router:external']);
  const fields = useFields<{
    pool: string | null;
    count: string;
    description: string;
    project: string;
    address: string;
  }>({ pool: null, count: '1', description: '', project: '', address: '' });
  const { values } = fields;
  const pool = pools.find(({ id }) => id === values.pool) ?? pools[0];
  const count = /^\d{1,2}$/.test(values.count) ? Number(values.count) : 0;
  const address = values.address.trim();
  const addressWrong = address !== '' && parseIp(address)?.version !== 4;
  const body: NewFloatingIp = {
    floating_network_id: pool?.id ?? '',
    ...(values.description.trim() !== '' && { description: values.description.trim() }),
    ...(values.project !== '' && { tenant_id: values.project }),
    ...(address !== '' && count === 1 && { floating_ip_address: address }),
  };
  const submit = async (): Promise<void> => {
    for (let made = 0; made < count; made++)
      try {
        await floatingIpWrites.create(body);
      } catch (error) {
        if (made === 0) throw error;
        fields.set('count', String(count - made));
        throw new Error(t.someMade(made, wordsOf(error)), { cause: error });
      } finally {
        reread('floatingip');
      }
  };
  return (
    <FormDialog
      title={t.allocateTitle}
      verb={t.allocateVerb(Math.max(1, count))}
      refuse={!pool ? t.noPool : count < 1 || count > 50 ? t.countWrong : addressWrong ? t.notAddress : null}
      close={close}
      submit={submit}
      preview={{
        command: Array<string>(Math.min(3, Math.max(1, count)))
          .fill(
            commandLine(
              'openstack floating ip create',
              values.project !== '' && ['--project', values.project],
              body.floating_ip_address !== undefined && ['--floating-ip-address', address],
              body.description !== undefined && ['--description', body.description],
              [pool ? called(pool) : ''],
            ),
          )
          .concat(count > 3 ? [`# … ${count}`] : [])
          .join('\n'),
        call: floatingIpWrites.createCall(body),
      }}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t.pool}
          description={pools.length === 0 ? t.noPool : undefined}
          allowDeselect={false}
          data-autofocus
          value={pool?.id ?? null}
          onChange={(id) => fields.set('pool', id)}
          data={pools.map((network) => ({ value: network.id, label: called(network) }))}
        />
        <TextInput
          label={t.count}
          inputMode="numeric"
          error={count < 1 || count > 50 ? t.countWrong : undefined}
          {...fields.text('count')}
        />
      </SimpleGrid>
      <TextInput label={u.description} maxLength={255} {...fields.text('description')} />
      {isAdmin && (
        <Fieldset legend={n.forAdmins}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t.ofProject}
              searchable
              allowDeselect={false}
              value={values.project}
              onChange={(id) => fields.set('project', id ?? '')}
              data={[
                { value: '', label: t.ownProject },
                ...(allProjects ?? []).map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
            <TextInput
              label={t.wantedAddress}
              description={t.wantedHint}
              disabled={count !== 1}
              error={addressWrong ? t.notAddress : undefined}
              {...fields.text('address')}
            />
          </SimpleGrid>
        </Fieldset>
      )}
    </FormDialog>
  );
}
