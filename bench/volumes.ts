/** Figures of volumes: made, snapshotted, exported and deleted over the API, as files of this machine. `node bench/volumes.ts` */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasProgram } from '#common/host/privileges.ts';
import { benchCloud, json, load, printFigures, request, show, type Figure } from './lib.ts';

const COUNT = 100;
const figures: Figure[] = [];
const add = (what: string, value: string, goal: string): void => void figures.push({ what, value, goal });

const config = await mkdtemp(join(tmpdir(), 'igloo-bench-volumes-'));
await mkdir(join(config, 'cinder'));
await writeFile(join(config, 'cinder', 'cinder.conf'), '[DEFAULT]\nenabled_backends = file\n');
const bench = await benchCloud('--virt', 'fake', '--network', 'fake', '--bare', '--config-dir', config);
try {
  const token = await bench.token();
  const { projects } = await json<{ projects: { id: string; name: string }[] }>(
    'GET',
    `${bench.port(5000)}/v3/projects`,
    token,
  );
  const project = projects.find(({ name }) => name === 'admin')?.id as string;
  const root = `${bench.port(8776)}/v3/${project}`;
  const version = { 'openstack-api-version': 'volume 3.44' };
  const call = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    json<T>(method, root + path, token, body, version);
  await call('PUT', `/os-quota-sets/${project}`, {
    quota_set: { volumes: 10_000, gigabytes: 100_000, snapshots: 10_000 },
  });

  /** Asks until the answer is as wanted; every millisecond, so that it costs the measured little. */
  const until = async (path: string, key: string, wanted: string): Promise<void> => {
    for (;;) {
      const { status } = (await call<Record<string, { status: string }>>('GET', path))[key] as { status: string };
      if (status === wanted) return;
      if (status.startsWith('error')) throw new Error(`${path}: ${status}`);
      await sleep(1);
    }
  };
  const gone = async (path: string): Promise<void> => {
    while ((await request('GET', root + path, { 'x-auth-token': token })).status !== 404) await sleep(1);
  };

  for (const width of [1, 8]) {
    const alone = width === 1;
    const as = alone ? 'alone' : `${width} at a time`;
    const volumes: string[] = [];
    const snapshots: string[] = [];
    const create = await load(COUNT, width, async () => {
      const { volume } = await call<{ volume: { id: string } }>('POST', '/volumes', { volume: { size: 1 } });
      await until(`/volumes/${volume.id}`, 'volume', 'available');
      volumes.push(volume.id);
    });
    add(`volume create to available, ${as}`, show(create), alone ? 'p50 ≤ 50 ms' : '≥ 40/s');
    const snapshot = await load(COUNT, width, async (index) => {
      const asked = { snapshot: { volume_id: volumes[index] } };
      const { snapshot: made } = await call<{ snapshot: { id: string } }>('POST', '/snapshots', asked);
      await until(`/snapshots/${made.id}`, 'snapshot', 'available');
      snapshots.push(made.id);
    });
    add(`snapshot create to available, ${as}`, show(snapshot), alone ? 'p50 ≤ 50 ms' : '≥ 25/s');
    const attachments: string[] = [];
    const connect = await load(COUNT, width, async (index) => {
      const asked = { volume_uuid: volumes[index], instance_uuid: crypto.randomUUID(), connector: null };
      const { attachment } = await call<{ attachment: { id: string } }>('POST', '/attachments', { attachment: asked });
      const connector = {
        initiator: 'iqn.2014-09.bench',
        ip: '127.0.0.1',
        host: 'bench',
        multipath: false,
        platform: 'x86_64',
        os_type: 'linux',
      };
      await call('PUT', `/attachments/${attachment.id}`, { attachment: { connector } });
      await call('POST', `/attachments/${attachment.id}/action`, { 'os-complete': null });
      attachments.push(attachment.id);
    });
    const by = hasProgram('tgtd') ? 'tgt' : 'path';
    add(`reserve, export (${by}) and complete, ${as}`, show(connect), alone ? 'p50 ≤ 20 ms' : '≥ 50/s');
    const terminate = await load(COUNT, width, (index) => call('DELETE', `/attachments/${attachments[index]}`));
    add(`attachment delete with its export, ${as}`, show(terminate), alone ? 'p50 ≤ 10 ms' : '≥ 100/s');
    const forget = await load(COUNT, width, async (index) => {
      await call('DELETE', `/snapshots/${snapshots[index]}`);
      await gone(`/snapshots/${snapshots[index]}`);
    });
    add(`snapshot delete to gone, ${as}`, show(forget), alone ? 'p50 ≤ 40 ms' : '≥ 200/s');
    const remove = await load(COUNT, width, async (index) => {
      await call('DELETE', `/volumes/${volumes[index]}`);
      await gone(`/volumes/${volumes[index]}`);
    });
    add(`volume delete to gone, ${as}`, show(remove), alone ? 'p50 ≤ 40 ms' : '≥ 80/s');
  }
  printFigures('Volumes', figures);
} finally {
  await bench.destroy();
  await rm(config, { recursive: true });
}
