import { describe, expect, it } from 'vitest';
import type { Notification } from '#common/bus/bus.ts';
import { normalise } from './normalise.ts';

const said = (eventType: string, payload: Record<string, unknown>, more: Partial<Notification> = {}): Notification => ({
  eventType,
  payload,
  publisherId: 'compute.h1',
  priority: 'INFO',
  timestamp: '2026-01-01T00:00:00.000Z',
  messageId: 'm',
  ...more,
});

describe('a notification as an event', () => {
  it.each([
    [
      'compute.instance.update',
      { instance_id: 'i', display_name: 'n', status: 'ACTIVE' },
      ['server', 'i', 'n', 'ACTIVE'],
    ],
    ['keypair.create.end', { user_id: 'u', key_name: 'k' }, ['keypair', 'k', 'k', null]],
    ['flavor.create', { flavor_id: '1', name: 'm1' }, ['flavor', '1', 'm1', null]],
    ['aggregate.addhost.end', { aggregate_id: 7, name: 'a' }, ['aggregate', '7', 'a', null]],
    ['servergroup.create', { server_group_id: 'g', name: 'n' }, ['server_group', 'g', 'n', null]],
    [
      'service.update',
      { service_id: 's', binary: 'nova-compute', state: 'down' },
      ['compute_service', 's', 'nova-compute', 'down'],
    ],
    [
      'volume_service.update',
      { service_id: 's', binary: 'cinder-volume', state: 'up' },
      ['volume_service', 's', 'cinder-volume', 'up'],
    ],
    ['quota.update', { project_id: 'p' }, ['quota', 'p', null, null]],
    ['volume.attach.end', { volume_id: 'v', display_name: 'n', status: 'in-use' }, ['volume', 'v', 'n', 'in-use']],
    ['volume_type.create', { volume_type_id: 't', name: 'n' }, ['volume_type', 't', 'n', null]],
    [
      'snapshot.create.end',
      { snapshot_id: 's', display_name: null, status: 'available' },
      ['snapshot', 's', null, 'available'],
    ],
    ['backup.update', { backup_id: 'b', volume_id: 'v', status: 'error' }, ['backup', 'b', null, 'error']],
    ['image.update', { id: 'i', name: 'n', status: 'active' }, ['image', 'i', 'n', 'active']],
    ['image.member.create', { id: 'i', name: 'n', member_id: 'p' }, ['image', 'i', 'n', null]],
    ['network.create.end', { network: { id: 'n', name: 'net', status: 'ACTIVE' } }, ['network', 'n', 'net', 'ACTIVE']],
    ['port.delete.end', { port_id: 'p', port: { id: 'p', name: '', status: 'DOWN' } }, ['port', 'p', null, 'DOWN']],
    ['router.interface.create', { router_interface: { id: 'r', port_id: 'p' } }, ['router', 'r', null, null]],
    [
      'floatingip.update.end',
      { floatingip: { id: 'f', floating_ip_address: '1.2.3.4', status: 'DOWN' } },
      ['floatingip', 'f', '1.2.3.4', 'DOWN'],
    ],
    ['security_group_rule.create.end', { security_group_rule: { id: 'r' } }, ['security_group_rule', 'r', null, null]],
    ['security_group.update.start', { id: 'g', security_group: { name: 'n' } }, ['security_group', 'g', 'n', null]],
    [
      'agent.update',
      { agent: { id: 'a', binary: 'neutron-l3-agent', alive: false } },
      ['agent', 'a', 'neutron-l3-agent', 'down'],
    ],
    ['identity.user.created', { resource_info: 'u', name: 'n' }, ['user', 'u', 'n', null]],
    [
      'identity.role_assignment.deleted',
      { role: 'r', user: 'u', project: 'p' },
      ['role_assignment', 'r:u:p', null, null],
    ],
    ['identity.endpoint.updated', { resource_info: 'e' }, ['endpoint', 'e', null, null]],
  ] as const)('%s', (type, payload, [kind, id, name, state]) => {
    const [heard] = normalise(said(type, payload));
    expect(heard?.event).toMatchObject({ type, resource: { kind, id, name }, state });
  });

  it('is about nothing that we know when nobody knows the type, or there is no id yet', () => {
    expect(normalise(said('l3.meter', { label_id: 'x' }))[0]?.event.resource).toBeNull();
    expect(normalise(said('port.create.start', { port: { network_id: 'n' } }))[0]?.event.resource).toBeNull();
  });

  it('is one for each thing that a request made, each its own project’s', () => {
    const networks = [
      { id: 'a', tenant_id: 'p1' },
      { id: 'b', tenant_id: 'p2' },
    ];
    const all = normalise(said('network.create.end', { networks }, { projectId: 'p1' }));
    expect(all.map(({ event, audience }) => [event.resource?.id, event.project_id, audience.project])).toEqual([
      ['a', 'p1', 'p1'],
      ['b', 'p2', 'p2'],
    ]);
    expect(all[1]?.event.payload).toEqual({ network: networks[1] });
  });

  it('belongs to the project of the thing, not to who changed it', () => {
    const [heard] = normalise(
      said('port.update.end', { port: { id: 'p', tenant_id: 'demo' } }, { projectId: 'admin' }),
    );
    expect(heard?.audience.project).toBe('demo');
  });

  it.each([
    ['flavor.update', { flavor_id: '1', is_public: true }, true],
    ['flavor.update', { flavor_id: '1', is_public: false }, false],
    ['image.update', { id: 'i', visibility: 'public' }, true],
    ['image.update', { id: 'i', visibility: 'private', old_visibility: 'public' }, true],
    ['image.update', { id: 'i', visibility: 'shared', old_visibility: 'shared' }, false],
    ['network.delete.end', { network_id: 'n', network: { id: 'n', 'router:external': true } }, true],
    ['network.update.end', { network: { id: 'n', shared: false } }, false],
    ['compute.instance.update', { instance_id: 'i', is_public: true, shared: true }, false],
  ])('%s of %j is for everybody: %s', (type, payload, everybody) => {
    expect(normalise(said(type, payload))[0]?.audience.everybody).toBe(everybody);
  });

  it('has no secret in its payload, however deep', () => {
    const payload = {
      instance_id: 'i',
      admin_password: 'x',
      adminPass: 'x',
      user_data: 'x',
      private_key: 'x',
      connection_info: { data: { auth_password: 'x' } },
      provider_auth: 'CHAP a x',
      nested: [{ auth_token: 'x', fine: 1, key_name: 'k' }],
      secret: null,
    };
    const [heard] = normalise(said('compute.instance.update', payload));
    expect(heard?.event.payload).toEqual({
      instance_id: 'i',
      admin_password: '***',
      adminPass: '***',
      user_data: '***',
      private_key: '***',
      connection_info: '***',
      provider_auth: '***',
      nested: [{ auth_token: '***', fine: 1, key_name: 'k' }],
      secret: null,
    });
  });
});
