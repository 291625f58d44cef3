import type { ComputeService } from '#api/compute/hosts.ts';
import type { Agent } from '#api/network/networks.ts';
import type { VolumeService } from '#api/volume/volumes.ts';

/** A daemon of any service, told the same way. */
export interface AnyService {
  readonly id: string;
  readonly owner: 'compute' | 'network' | 'volume';
  /** As its owner's API names it. */
  readonly ownId: string;
  readonly binary: string;
  readonly host: string;
  readonly zone: string | null;
  readonly up: boolean;
  readonly enabled: boolean;
  readonly reason: string | null;
  readonly heard: string | null;
  /** An administrator said that it is certainly dead. */
  readonly forcedDown: boolean;
}

export const everyService = (
  compute: readonly ComputeService[],
  agents: readonly Agent[],
  volume: readonly VolumeService[],
): AnyService[] => [
  ...compute.map((one) => ({
    id: `compute/${one.id}`,
    owner: 'compute' as const,
    ownId: one.id,
    binary: one.binary,
    host: one.host,
    zone: one.zone,
    up: one.state === 'up',
    enabled: one.status === 'enabled',
    reason: one.disabled_reason,
    heard: one.updated_at,
    forcedDown: one.forced_down ?? false,
  })),
  ...agents.map((one) => ({
    id: `network/${one.id}`,
    owner: 'network' as const,
    ownId: one.id,
    binary: one.binary,
    host: one.host,
    zone: null,
    up: one.alive,
    enabled: one.admin_state_up,
    reason: null,
    heard: one.heartbeat_timestamp,
    forcedDown: false,
  })),
  ...volume.map((one) => ({
    id: `volume/${one.id}`,
    owner: 'volume' as const,
    ownId: one.id,
    binary: one.binary,
    host: one.host,
    zone: one.zone,
    up: one.state === 'up',
    enabled: one.status === 'enabled',
    reason: one.disabled_reason ?? null,
    heard: one.updated_at,
    forcedDown: false,
  })),
];
