import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import {
  operationActions,
  type OperationInputs,
  type OperationKind,
  type ServerInput,
} from '../../operations/kinds.ts';
import type { Server } from '../../servers/model.ts';
import { findServer, updateServer } from '../../servers/rows.ts';
import { vmStateOfPower, type TaskState, type VmState } from '../../servers/states.ts';
import type { PowerState } from '../../virt/driver.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import { faultOf } from './create.ts';

interface PowerChange<Input> {
  /** The event's name in the instance-actions API. */
  readonly step: string;
  /** `power_off`: part of the notification's name. */
  readonly event: string;
  /** While it runs; somebody who has set another one since has the say. */
  readonly task: (input: Input) => TaskState;
  readonly act: (server: Server & { readonly host: string }, input: Input, signal: AbortSignal) => Promise<unknown>;
  readonly then: { readonly vmState: VmState; readonly power: PowerState };
}

/** Start, stop, reboot, pause and unpause: one call to the host, then the state that it leads to. */
export function powerOperations(deps: ConductorDeps): OperationDefinition<never, never>[] {
  const { db, compute, conf } = deps;

  const define = <K extends OperationKind>(kind: K, change: PowerChange<OperationInputs[K]>) => {
    type Input = OperationInputs[K] & ServerInput;
    const definition: OperationDefinition<Input, Record<string, never>> = {
      kind,
      action: operationActions[kind],
      steps: [
        {
          name: change.step,
          async run(op: StepContext<Input, Record<string, never>>) {
            const server = await liveServer(deps, op.input.serverId);
            const task = change.task(op.input);
            // A crash between the last write and the journal: it is done.
            if (server.taskState !== task) return undefined;
            if (server.host === null) throw new Error(`Instance ${server.id} has no host`);
            await deps.notify(`compute.instance.${change.event}.start`, server);
            await change.act({ ...server, host: server.host }, op.input, op.signal);
            await updateServer(
              db.query,
              server.id,
              {
                vm_state: change.then.vmState,
                power_state: change.then.power,
                task_state: null,
                updated_at: nowOf(deps),
              },
              { taskState: task, alive: true },
            );
            await deps.notify(`compute.instance.${change.event}.end`, { ...server, vmState: change.then.vmState });
            return undefined;
          },
        },
      ],
      async failed(op, error) {
        const server = await findServer(db.query, op.input.serverId);
        const task = change.task(op.input);
        if (!server || server.taskState !== task) return;
        const power = await actualPower(server);
        await updateServer(
          db.query,
          server.id,
          {
            task_state: null,
            fault: JSON.stringify(faultOf(error, nowOf(deps))),
            ...(power !== undefined && server.vmState !== 'error' && { vm_state: vmStateOfPower(power) }),
            ...(power !== undefined && { power_state: power ?? 'nostate' }),
            updated_at: nowOf(deps),
          },
          { taskState: task, alive: true },
        );
        await deps.notify(`compute.instance.${change.event}.error`, server, { message: error.message });
      },
    };
    return definition as unknown as OperationDefinition<never, never>;
  };

  /** What the hypervisor says now; undefined when the host cannot be asked. */
  const actualPower = async (server: Server): Promise<PowerState | null | undefined> => {
    if (server.host === null) return undefined;
    const signal = AbortSignal.timeout(10_000);
    return compute
      .call(server.host, 'state', { id: server.id }, { signal, totalMs: 10_000, downMs: 0 })
      .then((answer) => answer.power)
      .catch(() => undefined);
  };

  const graceOf = (server: Server): number => {
    const own = Number(server.image?.properties['os_shutdown_timeout']);
    return own > 0 ? Math.min(own, 3600) : conf.DEFAULT.shutdown_timeout;
  };
  const patience = (signal: AbortSignal, seconds = 0) => ({ signal, totalMs: 120_000 + seconds * 1000 });

  return [
    define('server.start', {
      step: 'compute_start_instance',
      event: 'power_on',
      task: () => 'powering-on',
      act: ({ host, id }, _input, signal) => compute.call(host, 'powerOn', { id }, patience(signal)),
      then: { vmState: 'active', power: 'running' },
    }),
    define('server.stop', {
      step: 'compute_stop_instance',
      event: 'power_off',
      task: () => 'powering-off',
      act(server, _input, signal) {
        const timeoutSeconds = graceOf(server);
        return compute.call(
          server.host,
          'powerOff',
          { id: server.id, timeoutSeconds },
          patience(signal, timeoutSeconds),
        );
      },
      then: { vmState: 'stopped', power: 'shutdown' },
    }),
    define('server.reboot', {
      step: 'compute_reboot_instance',
      event: 'reboot',
      task: ({ type }) => (type === 'soft' ? 'rebooting' : 'rebooting_hard'),
      act(server, { type: kind }, signal) {
        const timeoutSeconds = kind === 'soft' ? graceOf(server) : 0;
        return compute.call(
          server.host,
          'reboot',
          { id: server.id, kind, timeoutSeconds },
          patience(signal, timeoutSeconds),
        );
      },
      then: { vmState: 'active', power: 'running' },
    }),
    define('server.pause', {
      step: 'compute_pause_instance',
      event: 'pause',
      task: () => 'pausing',
      act: ({ host, id }, _input, signal) => compute.call(host, 'pause', { id }, patience(signal)),
      then: { vmState: 'paused', power: 'paused' },
    }),
    define('server.unpause', {
      step: 'compute_unpause_instance',
      event: 'unpause',
      task: () => 'unpausing',
      act: ({ host, id }, _input, signal) => compute.call(host, 'unpause', { id }, patience(signal)),
      then: { vmState: 'active', power: 'running' },
    }),
  ];
}
