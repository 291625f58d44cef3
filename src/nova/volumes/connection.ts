import type { ConnectionInfo } from '#clients/volume.ts';
import type { VolumeConnection } from '../virt/driver.ts';

/**
 * What Cinder says of a volume in the words of the drivers.
 * @throws Error when no driver knows this kind of connection, or the volume is encrypted
 */
export function connectionOf(info: ConnectionInfo): VolumeConnection {
  if (info.data['encrypted'] === true)
    throw new Error(
      'The volume is encrypted, which this compute host cannot open: use a volume type without encryption.',
    );
  const readOnly = info.data.access_mode === 'ro';
  switch (info.driver_volume_type) {
    case 'iscsi': {
      const { data } = info;
      return {
        type: 'iscsi',
        portal: data.target_portal,
        iqn: data.target_iqn,
        lun: data.target_lun,
        username: data.auth_username ?? null,
        password: data.auth_password ?? null,
        readOnly,
      };
    }
    case 'local':
      return { type: 'file', path: info.data.device_path, format: info.data.format, readOnly };
    case 'nfs': {
      const { data } = info;
      return {
        type: 'nfs',
        export: data.export,
        name: data.name,
        format: data.format,
        options: data.options,
        readOnly,
      };
    }
    case 'rbd': {
      const { data } = info;
      const [pool = '', ...image] = data.name.split('/');
      return {
        type: 'rbd',
        pool,
        image: image.join('/'),
        monitors: data.hosts.map((host, index) => `${host}:${data.ports[index] ?? '6789'}`),
        user: data.auth_enabled ? data.auth_username : null,
        readOnly,
      };
    }
    default:
      throw new Error(
        `Volumes of kind ${(info as { driver_volume_type: string }).driver_volume_type} cannot be attached here.`,
      );
  }
}
