import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import type { Logger } from '#common/telemetry/log.ts';
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
import { actualPower, graceOf, muchPatience, patience } from '../guest-work.ts';
import { refreshVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

interface PowerChange<Input> {
  /** The event's name in the instance-actions API. */
  readonly step: string;
  /** `power_off`: part of the notification's name. */
  readonly event: string;
  /** While it runs; somebody who has set another one since has the say. */
  readonly task: (input: Input) => TaskState;
  readonly act: (
    server: Server & { readonly host: string },
    input: Input,
    signal: AbortSignal,
    log: Logger,
  ) => Promise<unknown>;
  readonly then: { readonly vmState: VmState; readonly power: PowerState };
}

/** What does not follow from whether a guest runs: its power is told beside. */
const kept: ReadonlySet<VmState> = new Set(['error', 'suspended', 'rescued']);

/** Start, stop, reboot, pause, suspend and their opposites: one call to the host, then the state that it leads to. */
export function powerOperations(deps: ConductorDeps): OperationDefinition<never, never>[] {
  const { db, compute } = deps;

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
            await change.act({ ...server, host: server.host }, op.input, op.signal, op.log);
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
        const power = await actualPower(deps, server);
        await updateServer(
          db.query,
          server.id,
          {
            task_state: null,
            fault: JSON.stringify(faultOf(error, nowOf(deps))),
            ...(power !== undefined && !kept.has(server.vmState) && { vm_state: vmStateOfPower(power) }),
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

  return [
    define('server.start', {
      step: 'compute_start_instance',
      event: 'power_on',
      task: () => 'powering-on',
      async act(server, _input, signal, log) {
        await refreshVolumes(deps, server, signal, log);
        await compute.call(server.host, 'powerOn', { id: server.id }, patience(signal));
      },
      then: { vmState: 'active', power: 'running' },
    }),
    define('server.stop', {
      step: 'compute_stop_instance',
      event: 'power_off',
      task: () => 'powering-off',
      act(server, _input, signal) {
        const timeoutSeconds = graceOf(deps, server);
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
      async act(server, { type: kind }, signal, log) {
        await refreshVolumes(deps, server, signal, log);
        const timeoutSeconds = kind === 'soft' ? graceOf(deps, server) : 0;
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
    define('server.suspend', {
      step: 'compute_suspend_instance',
      event: 'suspend',
      task: () => 'suspending',
      act: ({ host, id }, _input, signal) => compute.call(host, 'suspend', { id }, muchPatience(signal)),
      then: { vmState: 'suspended', power: 'shutdown' },
    }),
    define('server.resume', {
      step: 'compute_resume_instance',
      event: 'resume',
      task: () => 'resuming',
      async act(server, _input, signal, log) {
        await refreshVolumes(deps, server, signal, log);
        await compute.call(server.host, 'resume', { id: server.id }, muchPatience(signal));
      },
      then: { vmState: 'active', power: 'running' },
    }),
    define('server.unrescue', {
      step: 'compute_unrescue_instance',
      event: 'unrescue',
      task: () => 'unrescuing',
      async act(server, _input, signal, log) {
        await refreshVolumes(deps, server, signal, log);
        await compute.call(server.host, 'unrescue', { id: server.id }, patience(signal));
      },
      then: { vmState: 'active', power: 'running' },
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
