import { readFileSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { HostResources } from './driver.ts';

const GIB = 1024 ** 3;

/** As Nova stores it: the processor's model, vendor, topology and features. */
function cpuInfo(): HostResources['cpuInfo'] {
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const field = (name: string): string => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const sockets = new Set([...text.matchAll(/^physical id\s*:\s*(\d+)$/gm)].map((match) => match[1])).size || 1;
  const cores = Number(field('cpu cores')) || Math.max(1, Math.floor(cpus().length / sockets));
  const threads = Math.max(1, Math.floor(cpus().length / (sockets * cores)));
  return {
    arch: process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch,
    model: field('model name'),
    vendor: field('vendor_id'),
    topology: { sockets, cores, threads },
    features: field('flags').split(' ').filter(Boolean),
  };
}

/** What this machine has for guests whose disks are below `instancesPath`. */
export async function hostResources(
  instancesPath: string,
  hypervisor: { readonly type: string; readonly version: number; readonly hostname: string; readonly kvm: boolean },
): Promise<HostResources> {
  await mkdir(instancesPath, { recursive: true });
  const disk = await statfs(instancesPath);
  return {
    hypervisorType: hypervisor.type,
    hypervisorVersion: hypervisor.version,
    hypervisorHostname: hypervisor.hostname,
    vcpus: cpus().length,
    memoryMb: Math.floor(totalmem() / 1024 ** 2),
    diskGb: Math.floor((disk.blocks * disk.bsize) / GIB),
    freeDiskGb: Math.floor((disk.bavail * disk.bsize) / GIB),
    cpuInfo: cpuInfo(),
    supportedInstances: [
      ['x86_64', 'qemu', 'hvm'],
      ['i686', 'qemu', 'hvm'],
      ...(hypervisor.kvm ? ([['x86_64', 'kvm', 'hvm']] as const) : []),
    ],
  };
}

/** `7.2.22` → 7002022 */
export function versionNumber(text: string): number {
  const [major = 0, minor = 0, micro = 0] = (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return major * 1_000_000 + minor * 1_000 + micro;
}
