import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture();
});
afterEach(() => nova.close());

async function boot(over: Record<string, unknown> = {}): Promise<string> {
  const answer = await nova.request('POST', '/v2.1/servers', {
    body: {
      server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }], ...over },
    },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await nova.settled();
  return answer.body.server.id as string;
}
const ask = (id: string, token = 'demo', prefix = '/v2.1') =>
  nova.request('GET', `${prefix}/servers/${id}/os-metrics`, { token });

describe('metrics of a server', () => {
  it("are its owner's to see, under the names of his ports and volumes", async () => {
    const volume = nova.volumes.add({ tenant: 'demo', size: 1 });
    const id = await boot({
      block_device_mapping_v2: [
        { source_type: 'image', uuid: nova.imageId, destination_type: 'local', boot_index: 0 },
        { source_type: 'volume', uuid: volume.id, destination_type: 'volume', boot_index: 1 },
      ],
    });
    const { body } = await nova.request('GET', `/v2.1/servers/${id}/os-interface`);
    const [port] = body.interfaceAttachments as { port_id: string; mac_addr: string }[];
    const disk = { read_bytes: 262_144, read_requests: 112, write_bytes: 5_778_432, write_requests: 488 };
    const quiet = { rx_octets: 0, rx_packets: 0, rx_errors: 0, rx_drop: 0, tx_packets: 0, tx_errors: 0, tx_drop: 0 };
    for (const prefix of ['/v2.1', '/v2.1/demo', '/v2/demo'])
      expect((await ask(id, 'demo', prefix)).body).toEqual({
        metrics: {
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
          uptime: 17,
          state: 'running',
          cpus: [{ id: 0, time_ns: 17_300_000_000, utilisation: null }],
          memory: { maximum: 512, used: 200 },
          nics: [{ port_id: port?.port_id, mac: port?.mac_addr, ...quiet, tx_octets: 42 }],
          disks: [
            { device: 'vda', volume_id: null, ...disk },
            { device: 'vdb', volume_id: volume.id, ...disk },
          ],
        },
      });
    expect((await ask(id, 'other')).status).toBe(404);
    expect((await ask(id, 'other/admin')).status).toBe(200);
  });

  it('say in words that it does not run, and never where it would', async () => {
    const id = await boot();
    await nova.request('POST', `/v2.1/servers/${id}/action`, { body: { 'os-stop': null } });
    await nova.settled();
    const answer = await ask(id);
    expect([answer.status, answer.body]).toEqual([
      409,
      {
        conflictingRequest: {
          code: 409,
          message: `Server ${id} does not run (it is stopped): there is nothing to measure. Start it first.`,
        },
      },
    ]);
  });
});
