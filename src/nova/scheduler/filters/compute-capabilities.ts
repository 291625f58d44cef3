import { matchesSpec } from '#common/extra-spec.ts';
import type { HostFilter } from '../filter.ts';
import type { HostState } from '../host-state.ts';

/** Extra specs `capabilities:…` (or without a scope) against what the host says of itself. */
export const computeCapabilitiesFilter: HostFilter = {
  name: 'ComputeCapabilitiesFilter',
  check(host, { flavor }) {
    for (const [key, wanted] of Object.entries(flavor.extraSpecs)) {
      const path = key.split(':');
      if (path.length > 1 && path[0] !== 'capabilities') continue;
      if (path[0] === 'capabilities') path.shift();
      // What an aggregate of the host promises is AggregateInstanceExtraSpecsFilter's to judge.
      if (host.aggregates.some((aggregate) => aggregate.metadata[key] !== undefined)) continue;
      const actual = capability(host, path);
      if (actual === undefined)
        return `has no capability ${path.join(':')}, which the flavor's extra spec ${key} asks for`;
      if (!matchesSpec(actual, wanted))
        return `has ${path.join(':')} ${actual}, the flavor's extra spec asks for ${wanted}`;
    }
    return null;
  },
};

function capability({ node }: HostState, path: readonly string[]): string | undefined {
  const known: Record<string, unknown> = {
    hypervisor_type: node.hypervisorType,
    hypervisor_version: node.hypervisorVersion,
    hypervisor_hostname: node.hypervisorHostname,
    cpu_info: node.cpuInfo,
    vcpus: node.vcpus,
    memory_mb: node.memoryMb,
    local_gb: node.diskGb,
  };
  let value: unknown = known;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
