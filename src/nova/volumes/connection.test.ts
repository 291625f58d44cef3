import { describe, expect, it } from 'vitest';
import type { ConnectionInfo } from '#clients/volume.ts';
import { connectionOf } from './connection.ts';

const common = { volume_id: 'v', access_mode: 'rw', encrypted: false, qos_specs: null } as const;

describe('what Cinder says of a volume', () => {
  it.each<[ConnectionInfo, object]>([
    [
      {
        driver_volume_type: 'iscsi',
        data: {
          ...common,
          target_portal: '192.168.10.100:3260',
          target_iqn: 'iqn.2010-10.org.openstack:volume-v',
          target_lun: 1,
          target_discovered: false,
          auth_method: 'CHAP',
          auth_username: 'u',
          auth_password: 'p',
        },
      },
      {
        type: 'iscsi',
        portal: '192.168.10.100:3260',
        iqn: 'iqn.2010-10.org.openstack:volume-v',
        lun: 1,
        username: 'u',
        password: 'p',
        readOnly: false,
      },
    ],
    [
      { driver_volume_type: 'local', data: { ...common, device_path: '/volumes/v', format: 'qcow2' } },
      { type: 'file', path: '/volumes/v', format: 'qcow2', readOnly: false },
    ],
    [
      {
        driver_volume_type: 'nfs',
        data: { export: 'stor1:/vols', name: 'volume-v', format: 'raw', options: '-o ro', access_mode: 'ro' },
      },
      { type: 'nfs', export: 'stor1:/vols', name: 'volume-v', format: 'raw', options: '-o ro', readOnly: true },
    ],
    [
      {
        driver_volume_type: 'rbd',
        data: {
          name: 'volumes/volume-v',
          hosts: ['10.0.0.1', '10.0.0.2'],
          ports: ['6789', '6790'],
          auth_enabled: true,
          auth_username: 'cinder',
          access_mode: 'rw',
        },
      },
      {
        type: 'rbd',
        pool: 'volumes',
        image: 'volume-v',
        monitors: ['10.0.0.1:6789', '10.0.0.2:6790'],
        user: 'cinder',
        readOnly: false,
      },
    ],
  ])('becomes what drivers know: $driver_volume_type', (info, connection) => {
    expect(connectionOf(info)).toEqual(connection);
  });

  it('is refused where no driver could open it', () => {
    const local = { driver_volume_type: 'local', data: { ...common, device_path: '/v', format: 'raw' } } as const;
    expect(() => connectionOf({ ...local, data: { ...local.data, encrypted: true } })).toThrow(/encrypted/);
    expect(() => connectionOf({ ...local, driver_volume_type: 'fibre_channel' as 'local' })).toThrow(/fibre_channel/);
  });
});
