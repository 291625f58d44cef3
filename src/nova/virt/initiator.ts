import { readFileSync } from 'node:fs';

/**
 * The iSCSI name of a compute host: what its administrator has given it, else one made of its name. Storage that admits by name
 * is told the same one that QEMU signs in with.
 */
export function initiatorName(host: string, file = '/etc/iscsi/initiatorname.iscsi'): string {
  try {
    const given = /^\s*InitiatorName\s*=\s*(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    if (given !== undefined) return given;
  } catch {
    // No kernel initiator is installed, or its name is for root only: QEMU signs in by itself.
  }
  return `iqn.2008-11.org.linux-kvm:${host}`;
}
