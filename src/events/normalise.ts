import type { Notification } from '#common/bus/bus.ts';
import type { Audience } from './audience.ts';
import type { CloudEvent, EventResource, ResourceKind } from './event.ts';
import { withoutSecrets } from './secrets.ts';

/** An event as it is kept: whole, with who may hear of it. Its id comes with its place in the history. */
export interface Heard {
  readonly event: Omit<CloudEvent, 'id'>;
  readonly audience: Audience;
}

type Payload = Readonly<Record<string, unknown>>;

/** Where a service's payloads say what they are about. */
interface Shape {
  readonly prefix: string;
  readonly kind: ResourceKind;
  /** Names of the fields, the first that is there counts. */
  readonly id: readonly string[];
  readonly name?: readonly string[];
  readonly state?: readonly string[];
  /** The thing stands in the payload under its own name, or a list of such under its plural's: Neutron. */
  readonly within?: readonly [singular: string, plural: string];
}

const identity = (kind: ResourceKind): Shape => ({
  prefix: `identity.${kind}.`,
  kind,
  id: ['resource_info'],
  name: ['name'],
});
const network = (kind: ResourceKind, plural = `${kind}s`): Shape => ({
  prefix: `${kind}.`,
  kind,
  id: ['id', `${kind}_id`],
  name: ['name'],
  state: ['status'],
  within: [kind, plural],
});
const volume = (kind: 'volume' | 'snapshot' | 'backup'): Shape => ({
  prefix: `${kind}.`,
  kind,
  id: [`${kind}_id`],
  name: ['display_name'],
  state: ['status'],
});

/** Every kind of notification that is about something; the first prefix that fits counts. */
const shapes: readonly Shape[] = [
  { prefix: 'compute.instance.', kind: 'server', id: ['instance_id'], name: ['display_name'], state: ['status'] },
  { prefix: 'keypair.', kind: 'keypair', id: ['key_name'], name: ['key_name'] },
  { prefix: 'flavor.', kind: 'flavor', id: ['flavor_id'], name: ['name'] },
  { prefix: 'aggregate.', kind: 'aggregate', id: ['aggregate_id'], name: ['name'] },
  { prefix: 'servergroup.', kind: 'server_group', id: ['server_group_id'], name: ['name'] },
  { prefix: 'service.', kind: 'compute_service', id: ['service_id'], name: ['binary'], state: ['state'] },
  { prefix: 'volume_service.', kind: 'volume_service', id: ['service_id'], name: ['binary'], state: ['state'] },
  { prefix: 'quota.', kind: 'quota', id: ['project_id'] },
  { prefix: 'volume_type.', kind: 'volume_type', id: ['volume_type_id'], name: ['name'] },
  volume('volume'),
  volume('snapshot'),
  volume('backup'),
  { prefix: 'image.', kind: 'image', id: ['id'], name: ['name'], state: ['status'] },
  {
    prefix: 'router.interface.',
    kind: 'router',
    id: ['id'],
    within: ['router_interface', 'router_interfaces'],
  },
  network('network'),
  network('subnet'),
  network('port'),
  network('router'),
  { ...network('floatingip'), name: ['floating_ip_address'] },
  network('security_group_rule'),
  network('security_group'),
  { ...network('agent'), name: ['binary'], state: ['alive'] },
  { ...identity('role_assignment'), id: ['role'] },
  identity('user'),
  identity('project'),
  identity('role'),
  identity('group'),
  identity('domain'),
  identity('service'),
  identity('endpoint'),
  identity('region'),
];

/** A notification as events: one, or one for each thing that a single request made. */
export function normalise(notification: Notification): readonly Heard[] {
  const { eventType, payload } = notification;
  const shape = shapes.find(({ prefix }) => eventType.startsWith(prefix));
  const bodies = shape ? bodiesOf(shape, payload) : [payload];
  return bodies.map((body) => ({
    event: {
      type: eventType,
      time: notification.timestamp,
      priority: notification.priority,
      publisher: notification.publisherId,
      project_id: projectOf(notification, body),
      request_id: notification.requestId ?? null,
      resource: shape ? resourceOf(shape, body, payload) : null,
      state: shape ? stateOf(shape, body) : null,
      payload: withoutSecrets(shape?.within && bodies.length > 1 ? { [shape.within[0]]: body } : payload),
    },
    audience: {
      project: projectOf(notification, body),
      user: shape?.kind === 'keypair' ? text(payload['user_id']) : null,
      everybody: isPublic(shape, body),
    },
  }));
}

function bodiesOf({ within }: Shape, payload: Payload): readonly Payload[] {
  if (!within) return [payload];
  const [singular, plural] = within;
  const many = payload[plural];
  if (Array.isArray(many) && many.length > 0) return many as readonly Payload[];
  const one = payload[singular];
  return [typeof one === 'object' && one !== null ? (one as Payload) : payload];
}

/** Whose a thing is: Neutron's own bodies say it of each, the others' notifications of the whole. */
const projectOf = (notification: Notification, body: Payload): string | null =>
  body === notification.payload
    ? text(notification.projectId)
    : (text(body['tenant_id']) ?? text(body['project_id']) ?? text(notification.projectId));

function resourceOf(shape: Shape, body: Payload, payload: Payload): EventResource | null {
  const id = first(body, shape.id) ?? first(payload, shape.id);
  if (id === null) return null;
  const name = first(body, shape.name ?? []);
  if (shape.kind !== 'role_assignment') return { kind: shape.kind, id, name };
  // It has no id of its own: what it consists of names it.
  const parts = ['user', 'group', 'project', 'domain', 'system'].map((part) => first(body, [part]));
  return { kind: shape.kind, id: [id, ...parts.filter((part) => part !== null)].join(':'), name };
}

function stateOf({ kind, state = [] }: Shape, body: Payload): string | null {
  if (kind !== 'agent') return first(body, state);
  return typeof body['alive'] === 'boolean' ? (body['alive'] ? 'up' : 'down') : null;
}

/**
 * Facts that stand in everybody's lists: flavors and volume types that all may use, public images, networks that are shared. Also
 * what was one until now.
 */
function isPublic(shape: Shape | undefined, body: Payload): boolean {
  switch (shape?.kind) {
    case 'flavor':
    case 'volume_type':
      return body['is_public'] === true;
    case 'image':
      return body['visibility'] === 'public' || body['old_visibility'] === 'public';
    case 'network':
      return body['shared'] === true || body['router:external'] === true;
    default:
      return false;
  }
}

function first(body: Payload, names: readonly string[]): string | null {
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
