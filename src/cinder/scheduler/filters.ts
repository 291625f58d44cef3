import { StartupError } from '#common/daemon.ts';
import { matchesSpec } from '#common/extra-spec.ts';
import type { BackendState } from './backends.ts';

/** What is asked of every back end. */
export interface Question {
  readonly sizeGb: number;
  /** Zone that it must be in; null for any. */
  readonly zone: string | null;
  /** Extra specs of the volume's type. */
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Back ends that failed already, with why. */
  readonly tried: ReadonlyMap<string, string>;
  /** Back ends of the volumes that `same_host` names; null without that hint. */
  readonly sameAs: ReadonlySet<string> | null;
  readonly differentFrom: ReadonlySet<string>;
  /** Seconds since a back end's last report, when that is too long. */
  readonly silentFor: (backend: BackendState) => number | null;
}

/** One reason for which a back end may not take a volume. */
export interface BackendFilter {
  readonly name: string;
  /** Null lets it pass; otherwise why it does not, in words, with numbers. */
  readonly check: (backend: BackendState, question: Question) => string | null;
}

const stateFilter: BackendFilter = {
  name: 'BackendFilter',
  check(backend, { silentFor, tried }) {
    const silent = silentFor(backend);
    if (backend.disabled) return `it is disabled${backend.disabledReason ? `: ${backend.disabledReason}` : ''}`;
    if (silent !== null) return `its cinder-volume has not reported for ${Math.round(silent)} s`;
    if (backend.frozen) return 'it is frozen';
    const failure = tried.get(backend.host);
    return failure === undefined ? null : `it was tried, and failed: ${failure}`;
  },
};

const zoneFilter: BackendFilter = {
  name: 'AvailabilityZoneFilter',
  check: ({ report }, { zone }) =>
    zone === null || report.availabilityZone === zone ? null : `it is in zone ${report.availabilityZone}, not ${zone}`,
};

/** GiB that may still be promised; null without limit. */
export function roomOf({ report, reserved, overSubscription, allocatedGb }: BackendState): number | null {
  const { totalGb, freeGb, thin } = report.stats;
  if (totalGb === null || freeGb === null) return null;
  const kept = totalGb * reserved;
  if (!thin || overSubscription < 1) return Math.min(freeGb, totalGb - allocatedGb) - kept;
  return totalGb * overSubscription - kept - allocatedGb;
}

const capacityFilter: BackendFilter = {
  name: 'CapacityFilter',
  check(backend, { sizeGb }) {
    const room = roomOf(backend);
    if (room === null) return null;
    const { totalGb, freeGb, thin } = backend.report.stats;
    const left = Math.max(0, Math.floor(room * 10) / 10);
    if (room < sizeGb)
      return `${sizeGb} GiB are wanted, and ${left} GiB are left of ${totalGb} GiB (${backend.allocatedGb} GiB are promised)`;
    // A thin one that is full fails whatever it may promise.
    return thin && (freeGb ?? 0) <= 0 ? `it is full: ${freeGb} GiB of ${totalGb} GiB are free` : null;
  },
};

/** What extra specs are compared with, under Cinder's names. */
export const capabilitiesOf = ({ report, reserved, overSubscription }: BackendState): Record<string, string> => ({
  volume_backend_name: report.backendName,
  vendor_name: report.stats.vendorName,
  driver_version: report.stats.driverVersion,
  storage_protocol: report.stats.storageProtocol,
  total_capacity_gb: String(report.stats.totalGb ?? 'infinite'),
  free_capacity_gb: String(report.stats.freeGb ?? 'infinite'),
  reserved_percentage: String(reserved * 100),
  max_over_subscription_ratio: String(overSubscription),
  thin_provisioning_support: report.stats.thin ? 'True' : 'False',
  thick_provisioning_support: report.stats.thin ? 'False' : 'True',
  multiattach: 'True',
  QoS_support: 'False',
  replication_enabled: 'False',
});

const capabilitiesFilter: BackendFilter = {
  name: 'CapabilitiesFilter',
  check(backend, { extraSpecs }) {
    const capabilities = capabilitiesOf(backend);
    for (const [key, wanted] of Object.entries(extraSpecs)) {
      // Keys of another scope (`hw:…`) are somebody else's.
      const [scope, ...rest] = key.split(':');
      const name = rest.length === 0 ? key : scope === 'capabilities' ? rest.join(':') : null;
      if (name === null) continue;
      const actual = capabilities[name];
      if (actual === undefined) return `its type wants ${key} ${wanted}, which this back end does not tell of itself`;
      if (!matchesSpec(actual, wanted)) return `its type wants ${key} ${wanted}, and this back end has ${actual}`;
    }
    return null;
  },
};

const sameBackendFilter: BackendFilter = {
  name: 'SameBackendFilter',
  check: ({ host }, { sameAs }) =>
    sameAs === null || sameAs.has(host) ? null : 'the volumes that same_host names are elsewhere',
};

const differentBackendFilter: BackendFilter = {
  name: 'DifferentBackendFilter',
  check: ({ host }, { differentFrom }) =>
    differentFrom.has(host) ? 'it has a volume that different_host names' : null,
};

/** Asked always; a hint that is not given lets everything pass. */
const always = [stateFilter, sameBackendFilter, differentBackendFilter];
const choosable = [zoneFilter, capacityFilter, capabilitiesFilter];

/**
 * Those that `scheduler_default_filters` names, in its order.
 * @throws StartupError for a name that there is not
 */
export function filtersNamed(names: readonly string[]): readonly BackendFilter[] {
  const all = [...always, ...choosable];
  const chosen = names.flatMap((given) => {
    const name = given.slice(given.lastIndexOf('.') + 1);
    const filter = all.find((one) => one.name === name);
    if (!filter)
      throw new StartupError(
        `scheduler_default_filters: there is no filter "${given}". There are ${all.map((one) => one.name).join(', ')}.`,
      );
    return always.includes(filter) ? [] : [filter];
  });
  return [...always, ...chosen];
}
