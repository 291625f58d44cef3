import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpRequest, HttpResponse } from '#common/api/transport.ts';
import type { Session } from '#common/auth/session.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { admin, createTestbed, makeNetwork, type Testbed } from '../testing/testbed.ts';
import { NovaNotifier } from './notifier.ts';
import { pendingEvents } from './rows.ts';

describe('events for Nova', () => {
  let bed: Testbed;
  let sent: HttpRequest[];
  let answers: (number | Error)[];
  let notifier: NovaNotifier;
  beforeEach(async () => {
    bed = await createTestbed();
    sent = [];
    answers = [];
    const session: Session = {
      token: async () => 't',
      projectId: async () => 'service-id',
      endpoint: async () => '',
      request: async (request) => {
        sent.push(request);
        const answer = answers.shift() ?? 200;
        if (answer instanceof Error) throw answer;
        return { status: answer, headers: {}, text: async () => '' } as unknown as HttpResponse;
      },
    };
    notifier = new NovaNotifier({
      store: bed.services.store,
      session,
      novaUrl: 'http://nova:8774/v2/',
      intervalSeconds: 0,
      clock: bed.clock,
      log: silentLogger,
    });
  });
  afterEach(async () => {
    await notifier.close();
    await bed.close();
  });

  const plug = async () => {
    await bed.report({ agentType: 'Open vSwitch agent', host: 'c1', configurations: { tunnel_types: ['gre'] } });
    const { networkId } = await makeNetwork(bed, admin);
    const { port } = await bed.ok(admin, 'POST', '/v2.0/ports', {
      port: { network_id: networkId, device_owner: 'compute:nova', device_id: 'vm1', 'binding:host_id': 'c1' },
    });
    await bed.services.handlers.devicesUp({ host: 'c1', portIds: [port.id] }, {});
    return port.id as string;
  };
  const delivered = async (count: number) => {
    notifier.poke();
    await vi.waitFor(() => expect(sent).toHaveLength(count), { timeout: 5000 });
    await vi.waitFor(async () => expect(await pendingEvents(bed.services.store.query, 9)).toEqual([]), {
      timeout: 5000,
    });
  };

  it('are sent together, and forgotten when Nova has them', async () => {
    const id = await plug();
    await bed.services.handlers.devicesDown({ host: 'c1', portIds: [id] }, {});
    await delivered(1);
    expect(sent[0]?.url).toBe('http://nova:8774/v2/service-id/os-server-external-events');
    expect(JSON.parse(String(sent[0]?.body))).toEqual({
      events: [
        { name: 'network-vif-plugged', server_uuid: 'vm1', tag: id, status: 'completed' },
        { name: 'network-vif-unplugged', server_uuid: 'vm1', tag: id, status: 'completed' },
      ],
    });
  });

  it('are sent again while Nova does not answer', async () => {
    await plug();
    answers = [new Error('connection refused'), 503];
    await delivered(3);
  });

  it('are dropped when Nova knows no such server, or after a long time', async () => {
    await plug();
    answers = [404];
    await delivered(1);
    await bed.services.handlers.devicesDown(
      {
        host: 'c1',
        portIds: (await bed.ok(admin, 'GET', '/v2.0/ports')).ports.map((port: { id: string }) => port.id),
      },
      {},
    );
    bed.clock.advance(601);
    notifier.poke();
    await vi.waitFor(async () => expect(await pendingEvents(bed.services.store.query, 9)).toEqual([]));
    expect(sent).toHaveLength(1);
  });

  it('tell of addresses that changed and ports that went', async () => {
    const id = await plug();
    await bed.ok(admin, 'PUT', `/v2.0/ports/${id}`, { port: { fixed_ips: [{ ip_address: '10.77.0.77' }] } });
    await bed.ok(admin, 'DELETE', `/v2.0/ports/${id}`);
    const events = await pendingEvents(bed.services.store.query, 9);
    expect(events.map((event) => event.name)).toEqual([
      'network-vif-plugged',
      'network-changed',
      'network-vif-deleted',
    ]);
  });
});
