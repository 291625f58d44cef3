import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { parseTargets } from '#common/host/tgt-client.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions, type BackendConfig } from '../config.ts';
import { FakeVolumeDriver } from '../drivers/fake/fake-driver.ts';
import { formatChap, newChapSecret, parseChap } from './chap.ts';
import { connector, targetContract } from './contract.ts';
import { FakeTarget } from './fake-target.ts';
import { createTarget } from './index.ts';
import { LocalTarget } from './local-target.ts';
import { NfsTarget } from './nfs-target.ts';
import { monitorsOf, RbdTarget } from './rbd-target.ts';

const volume = { id: 'v', name: 'volume-v', sizeGb: 1 };
const configured = (values: Record<string, string>): BackendConfig =>
  loadConfig({ DEFAULT: backendOptions }, fromObject({ DEFAULT: { state_path: '/x', my_ip: '', ...values } }, 'test'))
    .DEFAULT;

const fake = new FakeTarget();
targetContract('fake', async () => ({
  exports: true,
  open: async () => fake,
  local: async ({ name }) => ({ path: `fake:${name}`, format: 'raw' }),
  close: async () => undefined,
}));
targetContract('local', async () => ({
  exports: false,
  open: async () => new LocalTarget('stor1'),
  local: async ({ name }) => ({ path: `/volumes/${name}`, format: 'raw' }),
  close: async () => undefined,
}));
const shares = [{ share: 'server:/a', options: 'vers=3', folder: '/mnt/a' }];
targetContract('nfs', async () => ({
  exports: false,
  open: async () => new NfsTarget(() => shares),
  local: async ({ name }) => ({ path: `/mnt/a/${name}`, format: 'qcow2' }),
  close: async () => undefined,
}));

it('a volume that is a file of one host is refused to others, with what to do', () => {
  const made = { location: '/volumes/volume-v', auth: null };
  const local = { path: '/volumes/volume-v', format: 'raw' } as const;
  const other = { ...connector, host: 'compute1' };
  expect(() => new LocalTarget('stor1').connection(volume, local, made, other, 'rw')).toThrow('Install tgt on stor1');
});

it('NFS tells the share, its options and the file', () => {
  const local = { path: '/mnt/a/volume-v', format: 'raw' } as const;
  const made = { location: 'server:/a', auth: null };
  expect(new NfsTarget(() => shares).connection(volume, local, made, connector, 'rw')).toMatchObject({
    driver_volume_type: 'nfs',
    data: { export: 'server:/a', name: 'volume-v', format: 'raw', options: 'vers=3' },
  });
});

describe('rbd', () => {
  it.each([
    ['[global]\nmon_host = 10.0.0.1:6789, 10.0.0.2\n', ['10.0.0.1:6789', '10.0.0.2:6789']],
    ['mon host = [v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]', ['10.0.0.1:6789']],
    ['[global]', []],
  ])('reads the monitors of %j', (text, wanted) => {
    expect(monitorsOf(text).map(({ host, port }) => `${host}:${port}`)).toEqual(wanted);
  });

  it('tells guests pool, image and monitors', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igloo-ceph-'));
    await writeFile(join(folder, 'ceph.conf'), 'mon_host = 10.0.0.1');
    const target = new RbdTarget(
      configured({ rbd_ceph_conf: join(folder, 'ceph.conf'), rbd_user: 'cinder', rbd_pool: 'p' }),
    );
    await target.check();
    const made = await target.ensure(volume);
    const local = { path: 'rbd:p/volume-v', format: 'raw' } as const;
    expect(target.connection(volume, local, made, connector, 'rw')).toMatchObject({
      driver_volume_type: 'rbd',
      data: { name: 'p/volume-v', hosts: ['10.0.0.1'], ports: ['6789'], auth_enabled: true, auth_username: 'cinder' },
    });
    await rm(folder, { recursive: true });
    await expect(target.check()).rejects.toThrow('Set rbd_ceph_conf');
  });
});

it('secrets have 12 letters or more, and no blanks', () => {
  const secret = newChapSecret();
  expect(secret.user).toMatch(/^\w{12,}$/);
  expect(secret.password).toMatch(/^\w{12,}$/);
  expect(parseChap(formatChap(secret))).toEqual(secret);
  expect(parseChap(null)).toBeNull();
});

it('LIO is refused in words', async () => {
  const deps = {
    driver: { name: 'file' } as never,
    host: 'h',
    log: silentLogger,
    tgt: () => Promise.reject(new Error()),
  };
  await expect(createTarget({ ...deps, conf: configured({ iscsi_helper: 'lioadm' }) })).rejects.toThrow('tgtadm');
  const noted = await FakeVolumeDriver.create(null);
  expect((await createTarget({ ...deps, driver: noted, conf: configured({}) })).name).toBe('fake');
  expect((await createTarget({ ...deps, conf: configured({ iscsi_helper: 'local' }) })).name).toBe('local');
});

it("tgtd's list of targets is read", () => {
  const text = `Target 1: iqn.2010-10.org.openstack:volume-a
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
        I_T nexus: 3
            Initiator: iqn.2008-11.org.linux-kvm: alias: none
            Connection: 0
                IP Address: 127.0.0.1
    LUN information:
        LUN: 0
            Type: controller
            Backing store path: None
        LUN: 1
            Type: disk
            Size: 1074 MB, Block size: 512
            Backing store path: /volumes/volume-a
            Backing store flags: 
    Account information:
        user1
    ACL information:
        ALL
Target 2: iqn.2010-10.org.openstack:volume-b
    System information:
        Driver: iscsi
    I_T nexus information:
    LUN information:
        LUN: 0
            Type: controller
    Account information:
    ACL information:
`;
  expect(parseTargets(text)).toEqual([
    {
      tid: 1,
      iqn: 'iqn.2010-10.org.openstack:volume-a',
      units: [{ lun: 1, megabytes: 1074, path: '/volumes/volume-a' }],
      accounts: ['user1'],
      allowed: ['ALL'],
      initiators: 1,
    },
    { tid: 2, iqn: 'iqn.2010-10.org.openstack:volume-b', units: [], accounts: [], allowed: [], initiators: 0 },
  ]);
  expect(parseTargets('')).toEqual([]);
});
