import { describe, expect, it } from 'vitest';
import type { GuestInterface } from '../driver.ts';
import type { StartedSpec } from '../rescue.ts';
import { domainXml, interfaceXml, type DomainHost } from './domain-xml.ts';
import { printXml } from './xml.ts';

const host: DomainHost = {
  virtType: 'qemu',
  emulator: '/usr/bin/qemu-system-x86_64',
  cacheMode: 'none',
  hostUuid: '11111111-2222-4333-8444-555555555555',
  libvirtVersion: 9_000_000,
  usbTablet: true,
  vncKeymap: 'en-us',
  configDriveFormat: 'iso9660',
  initiator: 'iqn.2008-11.org.linux-kvm:host1',
};
const nic: GuestInterface = {
  portId: '73716d82-cb00-4000-8000-000000000000',
  mac: 'fa:16:3e:a9:d4:6e',
  mtu: 1454,
  model: 'virtio',
  vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
};
const spec: StartedSpec = {
  id: '70af5516-b0ce-4908-823b-fdb5ee0ce22b',
  name: 'instance-00000003',
  displayName: `</nova:name><evil a="'">&`,
  projectId: 'p1',
  vcpus: 1,
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
  interfaces: [nic],
  configDrive: 'disk.config',
  vnc: { listen: '0.0.0.0' },
};
const folder = '/var/lib/nova/instances/70af5516-b0ce-4908-823b-fdb5ee0ce22b';

describe('domainXml', () => {
  const text = printXml(domainXml(spec, folder, host));

  it.each([
    `<domain type='qemu'>`,
    `<name>instance-00000003</name>`,
    `<memory unit='KiB'>262144</memory>`,
    `<type arch='x86_64' machine='pc'>hvm</type>`,
    `<driver name='qemu' type='qcow2' cache='none'/>`,
    `<source file='${folder}/disk'/>`,
    `<source bridge='qbr73716d82-cb'/>`,
    `<target dev='tap73716d82-cb'/>`,
    `<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0' keymap='en-us'>`,
    `<model type='cirrus' vram='9216' heads='1'/>`,
    `<input type='tablet' bus='usb'/>`,
    `<entry name='product'>OpenStack Nova</entry>`,
    `<on_poweroff>destroy</on_poweroff>`,
    `<clock offset='utc'/>`,
    `<cpu mode='host-model'>`,
    `<memballoon model='virtio'/>`,
    `<tb-cache unit='MiB'>32</tb-cache>`,
  ])('has %s of the manual', (part) => {
    expect(text).toContain(part);
  });

  it('has a serial port that only writes the log, or one that somebody can talk on', () => {
    const log = `${folder}/console.log`;
    expect(text).toMatch(new RegExp(`<serial type='file'>\\s*<source path='${log}' append='on'/>`));
    const line = printXml(domainXml(spec, folder, host, { listen: '127.0.0.1', port: 10_003 })).replace(/>\s+</g, '><');
    const parts =
      `<source mode='bind' host='127.0.0.1' service='10003'/><protocol type='raw'/>` +
      `<log file='${log}' append='on'/>`;
    expect(line).toContain(`<serial type='tcp'>${parts}<target port='0'/></serial>`);
    expect(line).toContain(`<console type='tcp'>${parts}<target type='serial' port='0'/></console>`);
  });

  it('lets no name break out, and shows no password', () => {
    expect(text).toContain('<nova:name>&lt;/nova:name&gt;&lt;evil a=&quot;&apos;&quot;&gt;&amp;</nova:name>');
    expect(text).not.toContain('very secret');
    expect(text).toContain(`<secret type='iscsi' usage='32dec761-6096-481c-8bb6-ab8cc6bb6a4f'/>`);
  });

  it('keeps time with timers under KVM, and leaves out what libvirt does not know', () => {
    const kvm = printXml(domainXml(spec, folder, { ...host, virtType: 'kvm' }));
    expect(kvm).toContain(`<timer name='hpet' present='no'/>`);
    expect(kvm).not.toContain('tb-cache');
    expect(printXml(domainXml(spec, folder, { ...host, libvirtVersion: 4_000_000 }))).not.toContain('tb-cache');
  });

  it('gives a plain port the tap that we made', () => {
    const plain = printXml(interfaceXml({ ...nic, vif: { ...nic.vif, hybrid: false } }, host));
    expect(plain).toContain(`<interface type='ethernet'>`);
    expect(plain).toContain(`<target dev='tap73716d82-cb' managed='no'/>`);
  });
});
