import { describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions } from '../../config.ts';
import { RbdDriver } from './rbd-driver.ts';

const { signal } = new AbortController();
const GIB = 1024 ** 3;
const volume = { id: 'v', name: 'volume-v', sizeGb: 1 };
const snapshot = { id: 's', name: 'snapshot-s', volume };

/** A Ceph pool of one object per image, as far as `rbd` is asked for it. */
function pool() {
  const images = new Map<string, number>();
  const asked: string[] = [];
  let children: { pool: string; image: string }[] = [];
  const run: Run = async (argv, { ok = [0] } = {}) => {
    const line = argv.filter((word) => word !== '--no-progress').join(' ');
    asked.push(line);
    const answer = (status: number, stdout = '') => {
      if (!ok.includes(status)) throw new CommandError(argv, status, stdout, `rbd: error ${status}`);
      return { status, stdout, stderr: '' };
    };
    const target = (argv.filter((word) => !word.startsWith('--')).at(-1) ?? '').replace('volumes/', '');
    const words = line.split(' ').filter((word) => !word.startsWith('--'));
    const stats = { stored: GIB, bytes_used: 3 * GIB, max_avail: GIB };
    if (argv[0] === 'ceph') return answer(0, JSON.stringify({ pools: [{ name: 'volumes', stats }] }));
    if (line.includes(' info '))
      return images.has(target) ? answer(0, JSON.stringify({ size: images.get(target) })) : answer(2);
    if (line.includes(' create ') && line.includes('--size')) images.set(target, GIB);
    if (words.includes('clone') || words.includes('cp')) images.set(target, GIB);
    if (words.includes('rename')) {
      const from = (argv.at(-2) ?? '').replace('volumes/', '');
      images.set(target, images.get(from) ?? 0);
      images.delete(from);
    }
    if (line.includes(' resize ')) images.set(target, 2 * GIB);
    if (words[1] === 'rm' && !images.delete(target)) return answer(2);
    if (line.includes(' children ')) return answer(0, JSON.stringify(children));
    if (words.includes('ls')) return answer(0, JSON.stringify([...images.keys()].map((image) => ({ image }))));
    return answer(0);
  };
  return { images, asked, run, clonedInto: (image: string) => (children = [{ pool: 'volumes', image }]) };
}
const driverOver = (run: Run, more = {}): RbdDriver =>
  new RbdDriver({
    run,
    log: silentLogger,
    conf: loadConfig(
      { DEFAULT: backendOptions },
      fromObject({ DEFAULT: { state_path: '/x', my_ip: '', rbd_pool: 'volumes', ...more } }, 'test'),
    ).DEFAULT,
  });

describe('the rbd driver', () => {
  it('makes an image once, and grows it only', async () => {
    const { run, asked, images } = pool();
    const driver = driverOver(run);
    await driver.create(volume, signal);
    await driver.create(volume, signal);
    expect(asked.filter((line) => line.includes(' create '))).toEqual([
      'rbd create --size 1G --pool volumes --image-feature layering volume-v',
    ]);
    await driver.extend({ ...volume, sizeGb: 2 }, signal);
    await driver.extend(volume, signal);
    expect(images.get('volume-v')).toBe(2 * GIB);
  });

  it('clones snapshots, which are protected, and copies volumes whole', async () => {
    const { run, asked } = pool();
    const driver = driverOver(run, { rbd_flatten_volume_from_snapshot: true });
    await driver.createFromSnapshot({ ...volume, name: 'volume-w', sizeGb: 2 }, snapshot, signal);
    await driver.createFromVolume({ ...volume, name: 'volume-x' }, volume, signal);
    expect(asked.filter((line) => !line.includes(' info '))).toEqual([
      'rbd snap protect volumes/volume-v@snapshot-s',
      'rbd clone volumes/volume-v@snapshot-s volumes/volume-w',
      'rbd flatten volumes/volume-w',
      'rbd resize --size 2G volumes/volume-w',
      'rbd rm volumes/volume-x.part',
      'rbd cp volumes/volume-v volumes/volume-x.part',
      'rbd rename volumes/volume-x.part volumes/volume-x',
    ]);
  });

  it('makes clones independent before their snapshot goes', async () => {
    const { run, asked, clonedInto } = pool();
    clonedInto('volume-w');
    await driverOver(run).deleteSnapshot(snapshot, signal);
    expect(asked.slice(1)).toEqual([
      'rbd flatten volumes/volume-w',
      'rbd snap unprotect volumes/volume-v@snapshot-s',
      'rbd snap rm volumes/volume-v@snapshot-s',
    ]);
  });

  it('deletes what is not there without complaint, and says what it has', async () => {
    const { run } = pool();
    const driver = driverOver(run);
    await driver.delete(volume, signal);
    await driver.create(volume, signal);
    expect(await driver.list(signal)).toEqual(['volume-v']);
    expect(await driver.stats()).toMatchObject({ storageProtocol: 'ceph', totalGb: 2, freeGb: 1 });
  });

  it('goes as its user, and names volumes as qemu-img takes them', async () => {
    const { run, asked } = pool();
    const driver = driverOver(run, { rbd_user: 'cinder', rbd_ceph_conf: '/etc/ceph/ceph.conf' });
    await driver.check(signal);
    expect(asked).toEqual(['rbd --id cinder --conf /etc/ceph/ceph.conf ls --pool volumes']);
    expect(await driver.openSnapshot(snapshot)).toEqual({
      path: 'rbd:volumes/volume-v@snapshot-s:id=cinder:conf=/etc/ceph/ceph.conf',
      format: 'raw',
    });
  });

  it('says what is missing', async () => {
    const cause = Object.assign(new Error('spawn rbd ENOENT'), { code: 'ENOENT' });
    const missing = driverOver(async (argv) => Promise.reject(new CommandError(argv, null, '', '', cause)));
    await expect(missing.check(signal)).rejects.toThrow('apt-get install ceph-common');
    const refused = driverOver(async (argv) => Promise.reject(new CommandError(argv, 1, '', 'permission denied')));
    await expect(refused.check(signal)).rejects.toThrow('Look at rbd_pool');
  });
});
