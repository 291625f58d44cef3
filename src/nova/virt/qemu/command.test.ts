import { describe, expect, it } from 'vitest';
import type { StartedSpec } from '../rescue.ts';
import { qemuCommand, type CommandHost } from './command.ts';

const host: CommandHost = {
  program: '/usr/bin/qemu-system-x86_64',
  kvm: false,
  vhost: false,
  sandbox: true,
  host: 'host1',
  hostUuid: '11111111-2222-4333-8444-555555555555',
  usbTablet: true,
  vncKeymap: 'en-us',
  configDriveFormat: 'iso9660',
  serial: { listen: '127.0.0.1', ports: { first: 10_000, last: 20_000 } },
};
const spec: StartedSpec = {
  id: '70af5516-b0ce-4908-823b-fdb5ee0ce22b',
  name: 'instance-00000003',
  displayName: 'demo-i1',
  projectId: 'p1',
  vcpus: 2,
  memoryMb: 256,
  disks: [
    { kind: 'image', device: 'vda', bus: 'virtio', basePath: '/b', sizeGb: 1 },
    {
      kind: 'volume',
      device: 'vdb',
      bus: 'virtio',
      volumeId: '32dec761-6096-481c-8bb6-ab8cc6bb6a4f',
      connection: {
        type: 'iscsi',
        portal: '192.168.10.100:3260',
        iqn: 'iqn.2010-10.org.openstack:v',
        lun: 1,
        username: 'u',
        password: 'very secret',
      },
    },
  ],
  interfaces: [
    {
      portId: '73716d82-cb00-4000-8000-000000000000',
      mac: 'fa:16:3e:a9:d4:6e',
      mtu: 1454,
      model: 'virtio',
      vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
    },
  ],
  configDrive: 'disk.config',
  vnc: { listen: '0.0.0.0' },
};
const folder = '/var/lib/nova/instances/70af5516-b0ce-4908-823b-fdb5ee0ce22b';
const after = (argv: string[], flag: string): string[] => argv.filter((_, index) => argv[index - 1] === flag);
const json = (argv: string[], flag: string): unknown[] =>
  after(argv, flag).flatMap((text) => (text.startsWith('{') ? [JSON.parse(text)] : []));

describe('qemuCommand', () => {
  const argv = qemuCommand(spec, folder, host);

  it('has the size, the console and the screen that were asked for', () => {
    expect([after(argv, '-smp'), after(argv, '-m'), after(argv, '-uuid'), after(argv, '-name')].flat()).toEqual([
      '2',
      '256',
      spec.id,
      'guest=instance-00000003',
    ]);
    expect(after(argv, '-accel')).toEqual(['tcg,tb-size=32']);
    expect(after(argv, '-vnc')).toEqual(['0.0.0.0:0,to=5000']);
    expect(after(argv, '-chardev')).toEqual([
      'socket,id=serial0,host=127.0.0.1,port=10000,to=20000,server=on,wait=off,logfile=console.log,logappend=on',
    ]);
    expect(after(qemuCommand(spec, folder, { ...host, serial: null }), '-chardev')).toEqual([
      'file,id=serial0,path=console.log,append=on',
    ]);
    expect(json(argv, '-device')).toContainEqual({ driver: 'virtio-rng-pci', id: 'rng0' });
  });

  it('has the disks in boot order and the interface on its tap', () => {
    expect(json(argv, '-blockdev')).toMatchObject([
      { driver: 'qcow2', file: { filename: `${folder}/disk` } },
      { driver: 'raw', file: { driver: 'iscsi', lun: 1, user: 'u' } },
      { driver: 'raw', 'read-only': true, file: { filename: `${folder}/disk.config` } },
    ]);
    expect(json(argv, '-device')).toMatchObject([
      { driver: 'virtio-blk-pci', bootindex: 1 },
      { driver: 'virtio-blk-pci', bootindex: 2, serial: '32dec761-6096-481c-8' },
      { driver: 'ide-cd' },
      { driver: 'virtio-net-pci', mac: 'fa:16:3e:a9:d4:6e', host_mtu: 1454 },
      ...['virtio-rng-pci', 'virtio-balloon-pci', 'cirrus-vga', 'piix3-usb-uhci', 'usb-tablet'].map((driver) => ({
        driver,
      })),
    ]);
    expect(json(argv, '-netdev')).toMatchObject([{ type: 'tap', ifname: 'tap73716d82-cb', script: 'no' }]);
    for (const node of json(argv, '-blockdev') as { 'node-name': string }[])
      expect(node['node-name'].length).toBeLessThan(32);
  });

  it('shows no password to the other users of the host', () => {
    expect(argv.join(' ')).not.toContain('very secret');
    expect(after(argv, '-object')[0]).toMatch(/^secret,id=secret-[0-9a-f]+,file=\/var\/lib\/nova/);
  });

  it('uses the hardware where it can, and boots a kernel where there is one', () => {
    const kernel = { kernelPath: '/k', ramdiskPath: '/r', kernelCommandLine: 'root=/dev/vda' };
    const other = qemuCommand({ ...spec, ...kernel, vnc: null }, folder, { ...host, kvm: true, vhost: true });
    expect([after(other, '-accel'), after(other, '-cpu')].flat()).toEqual(['kvm', 'host']);
    expect([after(other, '-kernel'), after(other, '-initrd'), after(other, '-append')].flat()).toEqual([
      '/k',
      '/r',
      'root=/dev/vda',
    ]);
    expect(json(other, '-netdev')).toMatchObject([{ vhost: true }]);
    expect(other).not.toContain('-vnc');
  });

  it('puts devices where they were when memory was saved, and waits for it', () => {
    const back = qemuCommand({ ...spec, guestAgent: true }, folder, host, {
      rng0: '9.0',
      'vol-32dec7616096481c8bb6ab8c': '8.0',
    });
    expect(after(back, '-incoming')).toEqual(['defer']);
    expect(json(back, '-device')).toContainEqual({ driver: 'virtio-rng-pci', id: 'rng0', addr: '9.0' });
    expect(json(back, '-device')).toContainEqual(
      expect.objectContaining({ id: 'vol-32dec7616096481c8bb6ab8c', addr: '8.0' }),
    );
    expect(json(back, '-device')).toContainEqual(
      expect.objectContaining({ driver: 'virtserialport', name: 'org.qemu.guest_agent.0' }),
    );
    expect(after(argv, '-incoming')).toEqual([]);
  });
});
