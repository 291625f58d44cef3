import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toldDatabase } from '#common/bus/testing/told.ts';
import { updateAgent, upsertAgent } from './agent-registry/rows.ts';
import { detachFloatingIps, insertFloatingIp, setFloatingIpStatus } from './floatingips/rows.ts';
import { migrations } from './migrations/index.ts';
import { deletePortRows, insertPort, setStatus } from './ports/rows.ts';
import { neutronRowEvents } from './row-events.ts';
import type { AgentRow, FloatingIpRow, NeutronTables, PortRow } from './tables.ts';

const now = '2026-01-01T00:00:00.000000';
const standard = { description: '', tags: '[]', created_at: now, updated_at: now, revision_number: 0 };
const port = (id: string, owner: string): PortRow => ({
  ...standard,
  ...{ id, project_id: 'demo', name: '', network_id: 'n', mac_address: `mac-${id}`, admin_state_up: 1, status: 'DOWN' },
  ...{
    device_id: 'd',
    device_owner: owner,
    port_security_enabled: 1,
    host: 'h1',
    vnic_type: 'normal',
    vif_type: 'ovs',
  },
  ...{ binding_profile: '{}', vif_details: '{}', allowed_address_pairs: '[]', extra_dhcp_opts: '[]' },
});

describe('what Neutron tells of its rows', () => {
  let neutron: Awaited<ReturnType<typeof toldDatabase<NeutronTables>>>;
  beforeEach(async () => {
    neutron = await toldDatabase<NeutronTables>(migrations, neutronRowEvents);
    await neutron.db.query
      .insertInto('networks')
      .values({
        ...standard,
        ...{ id: 'n', project_id: 'demo', name: 'n', admin_state_up: 1, status: 'ACTIVE', shared: 0, external: 0 },
        ...{ is_default: 0, mtu: 1450, port_security_enabled: 1, network_type: 'gre', physical_network: null },
        ...{ segmentation_id: 1, availability_zone_hints: '[]' },
      })
      .execute();
    await neutron.told();
  });
  afterEach(() => neutron.close());

  it('is a port that an agent wired, and ports that nobody asked for', async () => {
    const { query } = neutron.db;
    await insertPort(query, port('vm', 'compute:nova'));
    await insertPort(query, port('dhcp', 'network:dhcp'));
    await setStatus(query, ['vm'], 'h1', 'ACTIVE', now);
    await setStatus(query, ['vm'], 'h1', 'ACTIVE', now);
    await deletePortRows(query, ['vm', 'dhcp']);
    expect(await neutron.told()).toMatchObject([
      ['port.create.end', 'demo', { port: { id: 'dhcp', device_owner: 'network:dhcp' } }],
      ['port.update.end', 'demo', { port: { id: 'vm', status: 'ACTIVE', tenant_id: 'demo', network_id: 'n' } }],
      ['port.delete.end', 'demo', { port_id: 'dhcp' }],
    ]);
  });

  it('is a floating IP whose port went, and what its agent reports', async () => {
    const { query } = neutron.db;
    const row: FloatingIpRow = {
      ...standard,
      ...{ id: 'f', project_id: 'demo', floating_network_id: 'n', floating_ip_address: '1.2.3.4' },
      ...{ floating_port_id: 'fp', port_id: 'vm', fixed_ip_address: '10.0.0.2', router_id: null, status: 'DOWN' },
    };
    await insertPort(query, port('vm', 'compute:nova'));
    await insertPort(query, port('fp', 'compute:nova'));
    await insertFloatingIp(query, row);
    await neutron.told();
    await setFloatingIpStatus(query, ['f'], 'ACTIVE');
    await neutron.db.transaction((trx) => detachFloatingIps(trx, ['vm']));
    expect(await neutron.told()).toMatchObject([
      ['floatingip.update.end', 'demo', { floatingip: { id: 'f', status: 'ACTIVE', port_id: 'vm' } }],
      ['floatingip.update.end', 'demo', { floatingip: { id: 'f', status: 'DOWN', port_id: null } }],
    ]);
  });

  it('is an agent that comes, is switched off and starts again: not its heartbeats', async () => {
    const { query } = neutron.db;
    const row: AgentRow = {
      ...{ id: 'a', agent_type: 'L3 agent', binary: 'neutron-l3-agent', topic: 'l3_agent', host: 'h1' },
      ...{ admin_state_up: 1, created_at: now, started_at: now, heartbeat_timestamp: now, description: null },
      ...{ configurations: '{}', availability_zone: 'nova' },
    };
    await upsertAgent(query, row, true);
    const later = '2026-01-01T00:00:30.000000';
    await upsertAgent(query, { ...row, id: 'other', heartbeat_timestamp: later }, false);
    await updateAgent(query, 'a', { admin_state_up: 0 });
    await upsertAgent(query, { ...row, heartbeat_timestamp: later, started_at: later }, true);
    expect(await neutron.told()).toMatchObject([
      ['agent.create', undefined, { agent: { id: 'a', agent_type: 'L3 agent', alive: true } }],
      ['agent.update', undefined, { agent: { id: 'a', admin_state_up: false } }],
      ['agent.update', undefined, { agent: { id: 'a' } }],
    ]);
  });
});
