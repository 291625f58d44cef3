import { findProgram, isRoot } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';

/** A Debian package that some part of the cloud needs. */
export interface DebianPackage {
  readonly name: string;
  readonly why: string;
  /** It is there when this program is … */
  readonly program?: string;
  /** … or this file. */
  readonly file?: string;
  /** `volumes`: never installed by `up`, since their own services would start; used where they are. */
  readonly needs: 'guests' | 'network' | 'image' | 'console' | 'volumes';
}

/** QEMU's initiator, without which guests cannot reach exported volumes. */
export const QEMU_ISCSI = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/qemu/block-iscsi.so`;

/** Everything that `igloo up` may install, with its reason. */
export const debianPackages: readonly DebianPackage[] = [
  { name: 'qemu-system-x86', program: 'qemu-system-x86_64', why: 'runs the guests', needs: 'guests' },
  { name: 'qemu-utils', program: 'qemu-img', why: 'makes and inspects disk images', needs: 'guests' },
  { name: 'e2fsprogs', program: 'mke2fs', why: 'makes ephemeral disks', needs: 'guests' },
  { name: 'genisoimage', program: 'genisoimage', why: 'makes config drives', needs: 'guests' },
  { name: 'openvswitch-switch', program: 'ovs-vswitchd', why: 'switches the packets of guests', needs: 'network' },
  { name: 'iproute2', program: 'ip', why: 'makes namespaces and devices', needs: 'network' },
  { name: 'procps', program: 'sysctl', why: 'sets kernel parameters of namespaces', needs: 'network' },
  { name: 'dnsmasq-base', program: 'dnsmasq', why: 'gives guests their addresses', needs: 'network' },
  { name: 'iptables', program: 'iptables', why: 'security groups, floating IPs', needs: 'network' },
  { name: 'ipset', program: 'ipset', why: 'security groups with many members', needs: 'network' },
  { name: 'conntrack', program: 'conntrack', why: 'cuts connections that a rule no longer allows', needs: 'network' },
  { name: 'ethtool', program: 'ethtool', why: 'finishes checksums before the userspace switch', needs: 'network' },
  { name: 'iputils-arping', program: 'arping', why: 'announces floating IPs', needs: 'network' },
  { name: 'haproxy', program: 'haproxy', why: "relays guests' metadata requests", needs: 'network' },
  { name: 'mtools', program: 'mcopy', why: 'builds the test guest without loop devices', needs: 'image' },
  { name: 'syslinux', program: 'syslinux', why: 'boots the test guest', needs: 'image' },
  { name: 'syslinux-common', file: '/usr/lib/syslinux/mbr/mbr.bin', why: 'boots the test guest', needs: 'image' },
  { name: 'tgt', program: 'tgtd', why: 'exports volumes by iSCSI, as to other hosts', needs: 'volumes' },
  {
    name: 'libconfig-general-perl',
    file: '/usr/share/perl5/Config/General.pm',
    why: "reads tgt's files",
    needs: 'volumes',
  },
  { name: 'qemu-block-extra', file: QEMU_ISCSI, why: 'lets guests reach volumes by iSCSI', needs: 'volumes' },
  { name: 'lvm2', program: 'lvcreate', why: 'keeps volumes in a volume group', needs: 'volumes' },
  { name: 'novnc', file: '/usr/share/novnc/vnc.html', why: 'the console in the browser', needs: 'console' },
];

/** Those that the wanted parts need and this machine lacks. */
export function missingPackages(
  needs: ReadonlySet<DebianPackage['needs']>,
  exists: (path: string) => boolean,
): DebianPackage[] {
  return debianPackages.filter(
    (one) => needs.has(one.needs) && !(one.program ? findProgram(one.program) : exists(one.file as string)),
  );
}

/** Why packages cannot be installed here; null when they can. */
export function installObstacle(noInstall: boolean): string | null {
  if (noInstall) return '--no-install was given';
  if (!isRoot()) return 'only root may install packages';
  if (!findProgram('apt-get')) return 'this is no Debian machine (apt-get is missing)';
  return null;
}

/** Installs them without recommended extras, and without starting services of theirs. @throws CommandError */
export async function installPackages(run: Run, packages: readonly DebianPackage[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const names = packages.map((one) => one.name);
  const install = (): Promise<unknown> =>
    run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...names], { env, timeoutMs: 900_000 });
  // Package lists may be absent or old; they are fetched only when the first try shows it.
  await install().catch(async () => {
    await run(['apt-get', 'update', '-qq'], { env, timeoutMs: 300_000 });
    await install();
  });
}
