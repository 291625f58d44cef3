import type { ConnectionInfo } from '#clients/volume.ts';
import type { VolumeSpec } from '../drivers/driver.ts';
import { parseChap } from './chap.ts';
import type { Export } from './target.ts';

/** `192.168.10.100:3260,1 iqn.2010-10.org.openstack:volume-… 1` */
export const iscsiLocation = (portal: string, iqn: string): string => `${portal},1 ${iqn} 1`;

/** How an initiator reaches an exported volume. */
export function iscsiConnection(volume: VolumeSpec, { location, auth }: Export, mode: 'rw' | 'ro'): ConnectionInfo {
  const [portal = '', iqn = '', lun = '1'] = location.split(' ');
  const chap = parseChap(auth);
  return {
    driver_volume_type: 'iscsi',
    data: {
      target_portal: portal.replace(/,\d+$/, ''),
      target_iqn: iqn,
      target_lun: Number(lun),
      volume_id: volume.id,
      target_discovered: false,
      ...(chap && { auth_method: 'CHAP', auth_username: chap.user, auth_password: chap.password }),
      access_mode: mode,
      encrypted: false,
      qos_specs: null,
    },
  };
}
