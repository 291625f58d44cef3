/**
 * The public event stream. Types only: the dashboard's code imports them too.
 *
 * The daemon `igloo-events` hears every notification on the bus and tells it on, to administrators all, to others those of
 * their own project. In the catalogue: type `event`, `http://host:8790/v1`.
 *
 * - GET `/v1/events/stream` (`text/event-stream`): an event each as `id: <id>`, `event: cloud`, `data: <CloudEvent>`; a comment
 *   line every 15 s. `Last-Event-ID` (or `?after=ID`) goes on where a client was; when that is no longer known, the first event
 *   is `event: gap`: the client must read its lists again. Filters: `resource`, `type` (prefix), `resource_id`, `all_projects`.
 *   Administrators get their project's unless `all_projects=1`.
 * - GET `/v1/events` (JSON `{ "events": [CloudEvent] }`, newest first): `limit`, `before`, and the same filters.
 *
 * An event is a hint: who wants the state asks the service.
 */
export interface CloudEvent {
  /** Grows; unique in this daemon's life: `<start>-<number>`. */
  readonly id: string;
  /** `compute.instance.create.end`, `network.create.end`, `volume.attach.end`, `image.update`, `identity.user.created` … */
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly priority: 'INFO' | 'WARN' | 'ERROR';
  /** `compute.host1`; null to those who are not administrators. */
  readonly publisher: string | null;
  readonly project_id: string | null;
  readonly request_id: string | null;
  /** What it is about. */
  readonly resource: EventResource | null;
  /** A status that the notification told, in the resource's own words: `ACTIVE`, `in-use`, `DOWN`. */
  readonly state: string | null;
  /** The notification's payload, without secrets; null to those who are not administrators. */
  readonly payload: Readonly<Record<string, unknown>> | null;
}

export interface EventResource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string | null;
}

/** Kinds of things that events are about. */
export type ResourceKind =
  | 'server'
  | 'keypair'
  | 'flavor'
  | 'aggregate'
  | 'server_group'
  | 'compute_service'
  | 'quota'
  | 'image'
  | 'network'
  | 'subnet'
  | 'port'
  | 'router'
  | 'floatingip'
  | 'security_group'
  | 'security_group_rule'
  | 'agent'
  | 'volume'
  | 'snapshot'
  | 'backup'
  | 'volume_type'
  | 'volume_service'
  | 'user'
  | 'project'
  | 'role'
  | 'group'
  | 'domain'
  | 'role_assignment'
  | 'service'
  | 'endpoint'
  | 'region';
