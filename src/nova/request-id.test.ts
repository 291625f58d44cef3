import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger, currentRequestId, type LogRecord } from '#common/telemetry/log.ts';
import { novaFixture, type NovaFixture } from './testing/fixture.ts';

const records: LogRecord[] = [];
const log = createLogger('nova', (record) => records.push(record), 'DEBUG');
let nova: NovaFixture;
beforeAll(async () => (nova = await novaFixture({ log })));
afterAll(() => nova.close());

describe('the request id of a boot', () => {
  it('reaches the compute host, its log lines, the action and the notifications', async () => {
    nova.computes.get('compute1')!.before = (method) => log.info(`compute: ${method}`);
    const { status, body, headers } = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }] } },
    });
    expect(status, JSON.stringify(body)).toBe(202);
    const id = headers['x-openstack-request-id'];
    await nova.settled();
    expect(records.find(({ message }) => message === 'compute: spawn')?.requestId).toBe(id);
    const actions = await nova.request('GET', `/v2.1/servers/${body.server.id}/os-instance-actions`);
    expect(actions.body.instanceActions[0].request_id).toBe(id);
    const started = nova.notifications.filter(({ eventType }) => eventType.startsWith('compute.instance.create.'));
    expect(new Set(started.map(({ requestId }) => requestId))).toEqual(new Set([id]));
    expect(currentRequestId()).toBeUndefined();
  });
});
