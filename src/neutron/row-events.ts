import type { RowEvent, TableEvents } from '#common/bus/row-events.ts';
import type { RowChange, RowValues } from '#common/db/row-watch.ts';
import type { NeutronTables } from './tables.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Columns of a row as the API's names have them; those that nobody knows are left out. */
const view = (row: RowValues, columns: readonly string[]): RowValues =>
  Object.fromEntries(columns.filter((column) => row[column] !== undefined).map((column) => [column, row[column]]));

/** `port.update.end`, in the form of those that the API sends. */
function resourceEvent(kind: string, verb: string, row: RowValues, columns: readonly string[]): RowEvent {
  const body = { ...view(row, ['id', 'name', 'status', ...columns]), tenant_id: row['project_id'] };
  return {
    type: `${kind}.${verb}.end`,
    projectId: text(row['project_id']),
    payload: { [kind]: body, ...(verb === 'delete' && { [`${kind}_id`]: row['id'] }) },
  };
}

const portColumns = ['network_id', 'device_id', 'device_owner', 'mac_address'];

/** Ports of DHCP servers, routers and floating IPs come and go without a request of their own. */
function portEvents({ kind, before, row }: RowChange): readonly RowEvent[] {
  const whole = { ...before, ...row };
  if (whole['id'] === undefined) return [];
  if (kind === 'update') return [resourceEvent('port', 'update', whole, portColumns)];
  if (!String(whole['device_owner'] ?? '').startsWith('network:')) return [];
  return [resourceEvent('port', kind === 'insert' ? 'create' : 'delete', whole, portColumns)];
}

const updated =
  (kind: string, columns: readonly string[]) =>
  ({ kind: change, row }: RowChange): readonly RowEvent[] =>
    // The request that makes or deletes one says so itself.
    change === 'update' && row['id'] !== undefined ? [resourceEvent(kind, 'update', row, columns)] : [];

/** How an agent is. */
export function agentEvent(verb: 'create' | 'update' | 'delete', row: RowValues, alive: boolean): RowEvent {
  const { id, agent_type, binary, host, admin_state_up } = row;
  return {
    type: `agent.${verb}`,
    projectId: null,
    payload: { agent: { id, agent_type, binary, host, admin_state_up: admin_state_up === 1, alive } },
  };
}

/** What changes in Neutron without a request to the API that would tell of it: by agents, by another resource's removal, by time. */
export const neutronRowEvents: Readonly<Partial<Record<keyof NeutronTables, TableEvents>>> = {
  ports: {
    key: ['id'],
    remember: ['project_id', 'name', 'status', ...portColumns],
    tell: ['status'],
    events: portEvents,
  },
  floatingips: {
    key: ['id'],
    remember: ['project_id', 'status', 'floating_ip_address', 'port_id', 'fixed_ip_address', 'router_id'],
    tell: ['status', 'port_id'],
    events: updated('floatingip', ['floating_ip_address', 'port_id', 'fixed_ip_address', 'router_id']),
  },
  routers: {
    key: ['id'],
    remember: ['project_id', 'name', 'status'],
    tell: ['status'],
    events: updated('router', []),
  },
  agents: {
    key: ['host', 'agent_type'],
    remember: ['id', 'binary', 'admin_state_up', 'heartbeat_timestamp'],
    tell: ['admin_state_up', 'description', 'started_at'],
    events: ({ kind, row }) =>
      row['id'] === undefined ? [] : [agentEvent(kind === 'insert' ? 'create' : kind, row, kind !== 'delete')],
  },
  quotas: {
    key: ['project_id'],
    remember: [],
    tell: ['limit_value'],
    events: ({ row }) => [
      {
        type: 'quota.update',
        projectId: text(row['project_id']),
        payload: { project_id: row['project_id'], service: 'network' },
      },
    ],
  },
};
