import { badRequest } from '#common/api/errors.ts';

/** What an extra spec's value may be. */
type Rule =
  | { readonly kind: 'text'; readonly pattern?: RegExp }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'enum'; readonly values: readonly string[] };

const text = (pattern?: RegExp): Rule => ({ kind: 'text', ...(pattern && { pattern }) });
const integer = (min?: number, max?: number): Rule => ({
  kind: 'integer',
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
});
const boolean: Rule = { kind: 'boolean' };
const oneOf = (...values: string[]): Rule => ({ kind: 'enum', values });
const levels = oneOf('custom', 'low', 'normal', 'high');

const each = (prefix: string, names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [`${prefix}:${name}`, rule]));

/** Specs that Nova knows, by name. */
const known: Readonly<Record<string, Rule>> = {
  'accel:device_profile': text(),
  hide_hypervisor_id: boolean,
  ...each(
    'hw',
    'cpu_sockets cpu_cores cpu_threads cpu_max_sockets cpu_max_cores cpu_max_threads numa_nodes',
    integer(1),
  ),
  'hw:cpu_policy': oneOf('dedicated', 'shared', 'mixed'),
  'hw:cpu_thread_policy': oneOf('prefer', 'isolate', 'require'),
  'hw:emulator_threads_policy': oneOf('isolate', 'share'),
  ...each('hw', 'cpu_dedicated_mask cpu_realtime_mask', text(/\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*/)),
  ...each(
    'hw',
    'cpu_realtime hide_hypervisor_id boot_menu mem_encryption pmu vif_multiqueue_enabled virtio_packed_ring locked_memory ' +
      'ephemeral_encryption',
    boolean,
  ),
  'hw:ephemeral_encryption_format': oneOf('luks'),
  'hw:input_bus': oneOf('usb', 'virtio'),
  'hw:maxphysaddr_bits': integer(1),
  'hw:maxphysaddr_mode': oneOf('passthrough', 'emulate'),
  'hw:mem_page_size': text(/(large|small|any)|\d+([kKMGT]i?)?(b|bit|B)?/),
  'hw:pci_numa_affinity_policy': oneOf('required', 'preferred', 'legacy', 'socket'),
  'hw:pmem': text(),
  'hw:serial_port_count': integer(0),
  'hw:tpm_model': oneOf('tpm-tis', 'tpm-crb'),
  'hw:tpm_version': oneOf('1.2', '2.0'),
  'hw:viommu_model': oneOf('intel', 'smmuv3', 'virtio', 'auto'),
  'hw:watchdog_action': oneOf('none', 'pause', 'poweroff', 'reset', 'disabled'),
  'hw_rng:allowed': boolean,
  ...each('hw_rng', 'rate_bytes rate_period', integer(0)),
  'hw_video:ram_max_mb': integer(0),
  'os:secure_boot': oneOf('disabled', 'optional', 'required'),
  'pci_passthrough:alias': text(/[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*/),
  ...each('quota', 'cpu_shares cpu_period cpu_quota cpu_limit cpu_reservation', integer(0)),
  ...each('quota', 'disk_read_bytes_sec disk_read_iops_sec disk_write_bytes_sec disk_write_iops_sec', integer(0)),
  ...each('quota', 'disk_total_bytes_sec disk_total_iops_sec disk_io_limit disk_io_reservation', integer(0)),
  ...each('quota', 'vif_inbound_average vif_inbound_burst vif_inbound_peak', integer(0)),
  ...each('quota', 'vif_outbound_average vif_outbound_burst vif_outbound_peak', integer(0)),
  ...each('quota', 'memory_limit memory_reservation vif_limit vif_reservation', integer(0)),
  ...each('quota', 'memory_shares_share vif_shares_share disk_io_shares_share cpu_shares_share', integer(0)),
  ...each('quota', 'cpu_shares_level disk_io_shares_level memory_shares_level vif_shares_level', levels),
  group_policy: oneOf('isolate', 'none'),
  'powervm:min_mem': integer(256),
  'powervm:max_mem': integer(256),
  ...each('powervm', 'min_vcpu max_vcpu', integer(1)),
  ...each('powervm', 'min_proc_units max_proc_units proc_units', text(/\d+(\.\d+)?/)),
  'powervm:dedicated_proc': boolean,
  ...each('vmware', 'hw_version storage_policy', text()),
};

/** Those whose names have a part that anybody may choose. */
const patterns: readonly (readonly [RegExp, Rule])[] = [
  [/aggregate_instance_extra_specs:.+/, text()],
  [/capabilities:.+/, text()],
  [/hw:numa_cpus\.\d+/, text(/\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*/)],
  [/hw:numa_mem\.\d+/, integer(1)],
  [/resources([a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+/, integer(0)],
  [/trait([a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+/, oneOf('required', 'forbidden')],
];

/** In these nothing else is a spec; in any other namespace everything is. */
const namespaces = new Set([
  ...['accel', 'aggregate_instance_extra_specs', 'capabilities', 'hw', 'hw_rng', 'hw_video', 'os'],
  ...['pci_passthrough', 'powervm', 'quota', 'resources', 'trait', 'vmware'],
]);

const whole = (pattern: RegExp, value: string): boolean => new RegExp(`^(?:${pattern.source})$`).test(value);

function checkValue(value: string, rule: Rule): void {
  const fail = (why: string): never => {
    throw badRequest(`Validation failed; '${value}' is ${why}.`);
  };
  switch (rule.kind) {
    case 'text':
      if (rule.pattern && !whole(rule.pattern, value)) fail(`not of the format '${rule.pattern.source}'`);
      return;
    case 'enum':
      if (!rule.values.includes(value)) fail(`not one of: ${rule.values.join(', ')}`);
      return;
    case 'boolean':
      if (!/^(1|t|true|on|y|yes|0|f|false|off|n|no)$/i.test(value)) fail('not a boolean-like value');
      return;
    case 'integer': {
      if (!/^[+-]?\d+$/.test(value)) fail('not of type integer');
      const number = Number(value);
      if (rule.min !== undefined && number < rule.min) fail(`less than the minimum of ${rule.min}`);
      if (rule.max !== undefined && number > rule.max) fail(`greater than the maximum of ${rule.max}`);
    }
  }
}

/** What 2.86 and later look at when extra specs are set. @throws ApiError 400 */
export function checkExtraSpec(name: string, value: string): void {
  const rule = Object.hasOwn(known, name) ? known[name] : patterns.find(([pattern]) => whole(pattern, name))?.[1];
  if (rule) return checkValue(value, rule);
  if (name.includes(':') && namespaces.has(name.slice(0, name.indexOf(':'))))
    throw badRequest(`Validation failed; extra spec '${name}' does not appear to be a valid extra spec.`);
}
