import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getSysctl } from './sysctl.ts';
import type { Run } from './run.ts';

/** Something a machine has or has not, with the reason for a person. */
export interface Ability {
  readonly usable: boolean;
  readonly why: string;
}

export interface HostFacts {
  readonly root: boolean;
  /** May configure networks (CAP_NET_ADMIN) and make namespaces (CAP_SYS_ADMIN). */
  readonly netAdmin: boolean;
  readonly sysAdmin: boolean;
  readonly kvm: Ability;
  /** Open vSwitch in the kernel; without it every bridge gets `datapath_type=netdev`. */
  readonly ovsKernelDatapath: Ability;
  /** iptables on Linux bridges, which security groups need. */
  readonly bridgeFilter: Ability;
  /** What the program `iptables` works with. */
  readonly iptables: 'nft' | 'legacy' | 'missing';
}

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

/** Finds a program on PATH, and in the system folders that an ordinary user's PATH leaves out. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // the next folder
    }
  }
  return undefined;
}

export const hasProgram = (name: string): boolean => findProgram(name) !== undefined;

/** Those of the programs that this machine lacks. */
export const missingPrograms = (names: readonly string[]): string[] => names.filter((name) => !hasProgram(name));

/** Whether this process is root. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/** Whether this process holds a capability, by its number (linux/capability.h). */
export function hasCapability(number: bigint): boolean {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return line !== null && ((BigInt(`0x${line[1]}`) >> number) & 1n) === 1n;
}

/** Looks at the machine once; some milliseconds. */
export async function inspectHost(run: Run): Promise<HostFacts> {
  return {
    root: isRoot(),
    netAdmin: hasCapability(CAP_NET_ADMIN),
    sysAdmin: hasCapability(CAP_SYS_ADMIN),
    kvm: kvmAbility(),
    ovsKernelDatapath: await ovsKernelDatapath(run),
    bridgeFilter: await bridgeFilter(run),
    iptables: await iptablesVariant(run),
  };
}

/** Hardware virtualisation for ordinary guests. A /dev/kvm without vmx or svm (PVM) runs only guests made for it. */
export function kvmAbility(): Ability {
  if (!existsSync('/dev/kvm'))
    return { usable: false, why: '/dev/kvm is missing: switch virtualisation on in the firmware' };
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return { usable: false, why: '/dev/kvm may not be opened: add this user to the group kvm' };
  }
  const x86 = process.arch === 'x64' || process.arch === 'ia32';
  if (x86 && !/^flags\s*:.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')))
    return { usable: false, why: '/dev/kvm is there, but the processor offers neither vmx nor svm to this machine' };
  return { usable: true, why: '/dev/kvm' };
}

/** Whether the kernel has Open vSwitch's datapath; loads its module where that is possible. */
export async function ovsKernelDatapath(run: Run): Promise<Ability> {
  const loaded = (): boolean => existsSync('/sys/module/openvswitch');
  if (!loaded() && hasProgram('modprobe') && isRoot())
    await run(['modprobe', '-q', 'openvswitch']).catch(() => undefined);
  return loaded()
    ? { usable: true, why: 'kernel module openvswitch' }
    : { usable: false, why: 'this kernel has no module openvswitch; bridges use the userspace datapath (netdev)' };
}

async function bridgeFilter(run: Run): Promise<Ability> {
  const key = 'net.bridge.bridge-nf-call-iptables';
  const present = async (): Promise<boolean> => (await getSysctl(run, key).catch(() => undefined)) !== undefined;
  if (await present()) return { usable: true, why: key };
  if (hasProgram('modprobe') && isRoot()) await run(['modprobe', '-q', 'br_netfilter']).catch(() => undefined);
  return (await present())
    ? { usable: true, why: key }
    : { usable: false, why: 'this kernel has no br_netfilter; security groups cannot be enforced on bridges' };
}

async function iptablesVariant(run: Run): Promise<HostFacts['iptables']> {
  if (!hasProgram('iptables')) return 'missing';
  return (await run(['iptables', '-V'])).stdout.includes('nf_tables') ? 'nft' : 'legacy';
}
