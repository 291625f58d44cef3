import { Autocomplete, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { aggregateWrites } from '#api/compute/aggregate-writes.ts';
import { aggregates, type Aggregate } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-line.ts';
import type { Preview } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { aggregateTexts } from './texts.ts';

/** An aggregate's name and zone: a new one's, or one that is there. */
export function EditDialog({
  aggregate,
  guestsOn,
  close,
}: {
  readonly aggregate?: Aggregate;
  readonly guestsOn: (host: string) => number;
  readonly close: () => void;
}) {
  const t = useText(aggregateTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const { data = [] } = useList(aggregates);
  const fields = useFields({ name: aggregate?.name ?? '', zone: aggregate?.availability_zone ?? '' });
  const name = fields.values.name.trim();
  const zone = fields.values.zone.trim() || null;
  const zoneChanges = aggregate !== undefined && zone !== aggregate.availability_zone;
  const occupied = zoneChanges ? aggregate.hosts.filter((host) => guestsOn(host) > 0) : [];
  const refuse =
    name === ''
      ? t.nameNeeded
      : zone?.includes(':')
        ? t.badZone
        : occupied.length > 0
          ? t.zoneUnderGuests(occupied.join(', '))
          : null;
  const zones = [...new Set(data.flatMap((one) => one.availability_zone ?? []))];
  return (
    <FormDialog
      title={aggregate ? `${t.edit}: ${aggregate.name}` : t.create}
      verb={aggregate ? ui.save : ui.create}
      refuse={refuse}
      preview={previewOf(aggregate, name, zone, zoneChanges, services.compute?.url ?? '')}
      submit={async () => {
        if (aggregate)
          await aggregateWrites.update(aggregate.id, { name, ...(zoneChanges && { availability_zone: zone }) });
        else await aggregateWrites.create(name, zone);
        await queries.invalidateQueries({ queryKey: ['aggregate'] });
        void queries.invalidateQueries({ queryKey: ['availability_zone'] });
      }}
      close={close}
    >
      <TextInput label={ui.name} required maxLength={255} data-autofocus {...fields.text('name')} />
      <Autocomplete
        label={`${t.zone} (${ui.optional})`}
        description={t.zoneHint}
        maxLength={255}
        data={zones}
        value={fields.values.zone}
        onChange={(value) => fields.set('zone', value)}
      />
    </FormDialog>
  );
}

function previewOf(
  aggregate: Aggregate | undefined,
  name: string,
  zone: string | null,
  zoneChanges: boolean,
  url: string,
): Preview {
  if (!aggregate)
    return {
      command: commandLine(['openstack', 'aggregate', 'create'], zone !== null && ['--zone', zone], [name]),
      call: { method: 'POST', url: `${url}/os-aggregates`, body: { aggregate: { name, availability_zone: zone } } },
    };
  return {
    command:
      zoneChanges && zone === null
        ? commandLine(['openstack', 'aggregate', 'unset', '--property', 'availability_zone', aggregate.name])
        : commandLine(
            ['openstack', 'aggregate', 'set', '--name', name],
            zoneChanges && zone !== null && ['--zone', zone],
            [aggregate.name],
          ),
    call: {
      method: 'PUT',
      url: `${url}/os-aggregates/${aggregate.id}`,
      body: { aggregate: { name, ...(zoneChanges && { availability_zone: zone }) } },
    },
  };
}
