import { describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions } from '../../config.ts';
import { MappedLvm } from './mapped-lvm.ts';

const { signal } = new AbortController();
const GIB = 1024 ** 3;
const volume = { id: 'v', name: 'volume-v', sizeGb: 1 };
const snapshot = { id: 's', name: 'snapshot-s', volume };

/** A volume group, as far as LVM's programs are asked for it. */
function group(more: Record<string, string | number> = {}) {
  const volumes = new Map<string, { size: number; origin: string }>();
  const changes: string[] = [];
  const report = (table: string, rows: object[]) => JSON.stringify({ report: [{ [table]: rows }] });
  const bare = (word: string | undefined): string => (word ?? '').replace('cinder-volumes/', '');
  const run: Run = async (argv) => {
    const [program] = argv;
    const after = (flag: string): string | undefined =>
      argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined;
    const answer = (stdout: string) => ({ status: 0, stdout, stderr: '' });
    if (program === 'vgs')
      return answer(report('vg', [{ vg_size: 10 * GIB, vg_free: 4 * GIB, vg_extent_size: 4194304 }]));
    if (program === 'lvs')
      return answer(
        report(
          'lv',
          [...volumes].map(([lv_name, { size, origin }]) => ({
            lv_name,
            lv_size: size,
            origin,
            data_percent: '25.00',
          })),
        ),
      );
    changes.push(argv.join(' '));
    const size = Number.parseInt(after('-L') ?? after('-V') ?? '9', 10) * GIB;
    if (program === 'lvcreate')
      volumes.set(after('-n') ?? bare(argv.at(-1)), { size, origin: argv.includes('-s') ? bare(argv.at(-1)) : '' });
    if (program === 'lvextend') volumes.set(bare(argv.at(-1)), { size, origin: '' });
    if (program === 'lvremove') volumes.delete(bare(argv.at(-1)));
    if (program === 'lvconvert') volumes.delete(bare(argv.at(-1)));
    if (program === 'lvrename') {
      const [from, to] = argv.slice(-2) as [string, string];
      volumes.set(to, volumes.get(from) as { size: number; origin: string });
      volumes.delete(from);
    }
    return answer('');
  };
  const conf = loadConfig(
    { DEFAULT: backendOptions },
    fromObject({ DEFAULT: { state_path: '/x', my_ip: '', ...more } }, 'test'),
  ).DEFAULT;
  const driver = new MappedLvm({ run, log: silentLogger, conf });
  /** What was changed since the last look. */
  const changed = (): string[] => changes.splice(0);
  return { driver, volumes, changed };
}

describe('LVM with device-mapper', () => {
  it('makes, grows and removes thick volumes; what they held is cleared', async () => {
    const { driver, changed } = group();
    await driver.create(volume, signal);
    await driver.create(volume, signal);
    await driver.extend({ ...volume, sizeGb: 3 }, signal);
    await driver.extend(volume, signal);
    await driver.delete(volume, signal);
    await driver.delete(volume, signal);
    expect(changed()).toEqual([
      'lvcreate -y -Wy -Zy -L 1g -n volume-v cinder-volumes',
      'lvextend -y -L 3g cinder-volumes/volume-v',
      'lvchange -y -ay -K cinder-volumes/volume-v',
      `blkdiscard -f -z -l ${3 * GIB} /dev/cinder-volumes/volume-v`,
      'lvremove -y -f cinder-volumes/volume-v',
    ]);
  });

  it.each([
    [{ volume_clear: 'none' }, []],
    [{ volume_clear_size: 10 }, [`blkdiscard -f -z -l ${10 * 1024 ** 2} /dev/cinder-volumes/volume-v`]],
    [{ volume_clear: 'shred' }, [`shred -n 3 -s ${GIB} /dev/cinder-volumes/volume-v`]],
  ])('clears as %o says', async (options, wanted) => {
    const { driver, changed } = group(options);
    await driver.create(volume, signal);
    await driver.delete(volume, signal);
    expect(changed().filter((line) => line.includes('/dev/'))).toEqual(wanted);
  });

  it('takes snapshots of its own, which are not in the way of growing', async () => {
    const { driver, changed } = group();
    await driver.create(volume, signal);
    changed();
    await driver.createSnapshot(snapshot, signal);
    await driver.extend({ ...volume, sizeGb: 2 }, signal);
    expect(await driver.openSnapshot(snapshot, signal)).toEqual({
      path: '/dev/cinder-volumes/_snapshot-s',
      format: 'raw',
    });
    expect(changed()).toEqual([
      'lvcreate -y -s -L 1g -n _snapshot-s cinder-volumes/volume-v',
      'lvchange -y -an cinder-volumes/volume-v',
      'lvextend -y -L 2g cinder-volumes/volume-v',
      'lvchange -y -ay cinder-volumes/volume-v',
      'lvchange -y -ay -K cinder-volumes/_snapshot-s',
    ]);
    expect(await driver.list(signal)).toContain('snapshot-s');
  });

  it('goes back to a snapshot by merging it, and makes it again, also after a crash between', async () => {
    const { driver, changed, volumes } = group();
    await driver.create(volume, signal);
    await driver.createSnapshot(snapshot, signal);
    changed();
    await driver.revertToSnapshot(snapshot, signal);
    volumes.delete('_snapshot-s');
    await driver.revertToSnapshot(snapshot, signal);
    const again = [
      'lvchange -y -ay cinder-volumes/volume-v',
      'lvcreate -y -s -L 1g -n _snapshot-s cinder-volumes/volume-v',
    ];
    expect(changed()).toEqual([
      'lvchange -y -an cinder-volumes/volume-v',
      'lvconvert -y --merge cinder-volumes/_snapshot-s',
      ...again,
      ...again,
    ]);
  });

  it('clones from a moment of the source, under another name until the copy is whole', async () => {
    const { driver, changed, volumes } = group();
    await driver.create(volume, signal);
    changed();
    await driver.createFromVolume({ id: 'w', name: 'volume-w', sizeGb: 2 }, volume, signal);
    expect(changed()).toEqual([
      'lvcreate -y -s -L 1g -n tmp-snap-volume-w cinder-volumes/volume-v',
      'lvcreate -y -Wy -Zy -L 2g -n part-volume-w cinder-volumes',
      'lvchange -y -ay -K cinder-volumes/tmp-snap-volume-w',
      'lvchange -y -ay -K cinder-volumes/part-volume-w',
      'dd if=/dev/cinder-volumes/tmp-snap-volume-w of=/dev/cinder-volumes/part-volume-w bs=1M status=none conv=fsync,notrunc',
      'lvrename cinder-volumes part-volume-w volume-w',
      'lvremove -y -f cinder-volumes/tmp-snap-volume-w',
    ]);
    expect([...volumes.keys()].sort()).toEqual(['volume-v', 'volume-w']);
  });

  it('keeps thin volumes in a pool, whose room is what counts', async () => {
    const { driver, changed } = group({ lvm_type: 'thin' });
    await driver.create(volume, signal);
    await driver.createSnapshot(snapshot, signal);
    await driver.deleteSnapshot(snapshot, signal);
    await driver.delete(volume, signal);
    expect(changed()).toEqual([
      'lvcreate -y -T cinder-volumes/cinder-volumes-pool -V 1g -n volume-v',
      'lvcreate -y -s -kn -n _snapshot-s cinder-volumes/volume-v',
      'lvremove -y -f cinder-volumes/_snapshot-s',
      'lvremove -y -f cinder-volumes/volume-v',
    ]);
    expect((await driver.stats()).thin).toBe(true);
  });

  it.each(['-rf', 'a b', '../x'])('takes over nothing named "%s"', async (name) => {
    await expect(group().driver.adopt(volume, name, signal)).rejects.toThrow('no name of a logical volume');
  });

  it('says what to do without its group', async () => {
    const run: Run = async (argv) => Promise.reject(new CommandError(argv, 5, '', 'Volume group "x" not found'));
    const conf = loadConfig(
      { DEFAULT: backendOptions },
      fromObject({ DEFAULT: { state_path: '/x', my_ip: '' } }, 'test'),
    );
    const driver = new MappedLvm({ run, log: silentLogger, conf: conf.DEFAULT });
    await expect(driver.check(signal)).rejects.toThrow(/vgcreate cinder-volumes|needs root/);
  });
});
