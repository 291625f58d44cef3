import { Alert, Checkbox, Select, Text, TextInput } from '@mantine/core';
import { computeServices } from '#api/compute/hosts.ts';
import type { Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-line.ts';
import type { Preview } from '#ui/command-preview.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import { work } from '#ui/work.ts';
import type { AnyService } from '../services/every-service.ts';
import { disableCall, disableCommand } from '../services/switch-command.ts';
import { switchService } from '../services/switch-service.ts';
import { useRereadServices } from '../services/use-reread.ts';
import { rememberJob } from './jobs.ts';
import { createMoveJob } from './move-job.ts';
import { awayPlan, evacuationPlan, movable, moveBody, moveCommand, type Plan } from './move-plan.ts';
import type { Node } from './node.ts';
import { PlanTable } from './plan-table.tsx';
import { ProgressDialog } from './progress-dialog.tsx';
import { nodeTexts } from './texts.ts';
import { useMove } from './use-move.ts';

/** Moves every guest off a host: away from one that works, or evacuated from a dead one. */
export function MoveAllDialog({
  node,
  guests,
  evacuating,
  close,
}: {
  readonly node: Node;
  readonly guests: readonly Server[];
  readonly evacuating: boolean;
  readonly close: () => void;
}) {
  const t = useText(nodeTexts);
  const { services } = useSignedIn();
  const open = useDialog();
  const move = useMove();
  const reread = useRereadServices();
  const { data = [] } = useList(computeServices);
  const fields = useFields({
    to: null as string | null,
    disable: !evacuating && node.compute?.enabled === true,
    reason: t.defaultReason,
    confirmCold: true,
  });
  const { to, disable, reason, confirmCold } = fields.values;
  const plans = evacuating ? evacuationPlan(guests) : awayPlan(guests);
  const going = plans.filter(movable);
  const hosts = data
    .filter(({ binary, state, host }) => binary === 'nova-compute' && state === 'up' && host !== node.id)
    .map(({ host }) => host);
  const begin = async (): Promise<void> => {
    if (disable && node.compute) await switchService(node.compute, false, reason.trim());
    const byId = new Map(going.map((plan) => [plan.server.id, plan]));
    const job = createMoveJob(
      node.id,
      going.map(({ server }) => server),
      async (id) => {
        const plan = byId.get(id);
        return plan ? move(plan.server, plan.way, { to, confirmCold }) : null;
      },
    );
    rememberJob(job);
    void work({
      doing: t.moving(node.id),
      done: t.moved(node.id),
      failed: t.notMoved(node.id),
      run: () => job.run().finally(reread),
    });
    open((closeProgress) => <ProgressDialog job={job} close={closeProgress} />);
  };
  return (
    <FormDialog
      title={evacuating ? t.evacuateTitle(node.id) : t.moveAwayTitle(node.id)}
      verb={evacuating ? t.evacuateVerb(going.length) : t.moveVerb(going.length)}
      size="xl"
      danger={evacuating}
      refuse={going.length === 0 ? t.nothingToMove : null}
      preview={previewOf(going, to, services.compute?.url ?? '', disable ? node.compute : null, reason.trim())}
      submit={begin}
      close={close}
    >
      {evacuating ? (
        <Alert color="red" variant="light">
          {t.evacuateText}
        </Alert>
      ) : (
        <Text size="sm">{t.moveAwayText}</Text>
      )}
      <PlanTable plans={plans} evacuating={evacuating} />
      <Select
        label={t.to}
        placeholder={t.anyHost}
        clearable
        data-autofocus
        value={to}
        onChange={(value) => fields.set('to', value)}
        data={hosts}
      />
      {!evacuating && node.compute?.enabled && (
        <>
          <Checkbox label={t.disableFirst} {...fields.check('disable')} />
          {disable && <TextInput label={t.because} maxLength={255} {...fields.text('reason')} />}
        </>
      )}
      {going.some(({ way }) => way === 'cold') && <Checkbox label={t.confirmCold} {...fields.check('confirmCold')} />}
    </FormDialog>
  );
}

/** @param first the nova-compute that is taken out of use before anything moves */
const previewOf = (
  going: readonly Extract<Plan, { way: unknown }>[],
  to: string | null,
  url: string,
  first: AnyService | null,
  reason: string,
): Preview => ({
  command: [
    ...(first ? [disableCommand(first, reason)] : []),
    ...going.map(({ server, way }) => commandLine(moveCommand(way), to !== null && ['--host', to], [server.id])),
  ].join('\n'),
  call: [
    ...(first ? [disableCall(first, reason, url)] : []),
    ...going.map(({ server, way }) => ({
      method: 'POST',
      url: `${url}/servers/${server.id}/action`,
      body: moveBody(way, to),
    })),
  ],
});
