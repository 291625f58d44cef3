/** How much of a resource of a service a project may have unless it has a limit of its own. */
export interface RegisteredLimit {
  readonly id: string;
  readonly serviceId: string;
  readonly regionId: string | null;
  readonly resourceName: string;
  readonly defaultLimit: number;
  readonly description: string | null;
}

/** A project's, or a domain's, own limit. */
export interface Limit {
  readonly id: string;
  readonly registered: RegisteredLimit;
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly value: number;
  readonly description: string | null;
}

export interface LimitFilter {
  readonly serviceId?: string | undefined;
  readonly regionId?: string | undefined;
  readonly resourceName?: string | undefined;
  readonly projectId?: string | undefined;
  readonly domainId?: string | undefined;
}

export type NewRegisteredLimit = Omit<RegisteredLimit, 'id'>;
export interface NewLimit extends Pick<RegisteredLimit, 'serviceId' | 'regionId' | 'resourceName'> {
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly value: number;
  readonly description: string | null;
}
