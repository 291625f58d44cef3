import type { NetworkType, Segment } from '../../rpc.ts';
import type { Db } from '../../store.ts';

/** A segment as a request asks for it: what is null may be chosen. */
export interface WantedSegment {
  readonly physicalNetwork: string | null;
  readonly segmentationId: number | null;
}

/** One network type: which segments there are, and which are taken. */
export interface TypeDriver {
  readonly type: NetworkType;
  /** Bytes that an IP packet of a guest may have on such a network. */
  readonly mtu: number;
  /** Brings the allocation table in line with the configured ranges; allocated segments outside of them stay until freed. */
  synchronise(db: Db): Promise<void>;
  /** A segment that an administrator describes. @throws ApiError 400 for a wrong description, 409 when it is taken */
  reserve(db: Db, wanted: WantedSegment): Promise<Segment>;
  /** The lowest free one; null when none is left or the type has none for tenants. */
  allocate(db: Db): Promise<Segment | null>;
  release(db: Db, segment: Segment): Promise<void>;
}
