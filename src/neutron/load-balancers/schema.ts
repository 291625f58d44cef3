import { bool, InvalidValue, int, ip, list, nullable, oneOf, record, text, uuid, type Kind } from '../api/kinds.ts';
import { optional, readOnly, required, resource, withDefault } from '../api/resource.ts';
import { owned } from '../api/standard.ts';
import type { SessionPersistence } from '../rpc.ts';

const fixed = { put: false } as const;
const answered = { listed: false } as const;
const protocol = oneOf('TCP', 'HTTP', 'HTTPS');
const named = { name: withDefault(text(255), ''), description: withDefault(text(255), '') };
const state = {
  admin_state_up: withDefault(bool, true),
  status: readOnly(text(16)),
  status_description: readOnly(nullable(text(255))),
};

const persistenceRecord = record<SessionPersistence>(
  'session_persistence',
  { type: oneOf('APP_COOKIE', 'HTTP_COOKIE', 'SOURCE_IP'), cookie_name: text(1024) },
  ['cookie_name'],
);

/** Null and `{}` are none. */
const persistence: Kind<SessionPersistence | null> = {
  ...nullable(persistenceRecord),
  parse(value) {
    if (value === null || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)) return null;
    const parsed = persistenceRecord.parse(value);
    const cookie = parsed.cookie_name;
    if (parsed.type === 'APP_COOKIE' && !cookie)
      throw new InvalidValue("'cookie_name' should be specified for this type of session persistence");
    if (parsed.type !== 'APP_COOKIE' && cookie !== undefined)
      throw new InvalidValue("'cookie_name' is not allowed for this type of session persistence");
    // It becomes a word of the balancer's configuration: what RFC 6265 allows in a name.
    if (cookie !== undefined && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(cookie))
      throw new InvalidValue(`'${cookie}' is not a valid cookie name`);
    return parsed;
  },
};

export const vipAttributes = {
  ...owned,
  ...named,
  subnet_id: required(uuid, fixed),
  address: optional(nullable(ip), fixed),
  port_id: readOnly(nullable(uuid)),
  protocol_port: required(int(0, 65_535), fixed),
  protocol: required(protocol, fixed),
  pool_id: required(uuid),
  session_persistence: withDefault(persistence, null, answered),
  connection_limit: withDefault(int(-1), -1),
  ...state,
};

export const vipResource = resource({
  singular: 'vip',
  plural: 'vips',
  path: '/lb/vips',
  attributes: vipAttributes,
  bulk: true,
  standard: false,
});

export const poolAttributes = {
  ...owned,
  vip_id: readOnly(nullable(uuid), answered),
  ...named,
  subnet_id: required(uuid, fixed),
  protocol: required(protocol, fixed),
  provider: optional(text(255), fixed),
  lb_method: required(oneOf('ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP')),
  members: readOnly(list(uuid), answered),
  health_monitors: withDefault(nullable(list(uuid)), null, answered),
  health_monitors_status: readOnly(list(text(255)), answered),
  ...state,
};

export const poolResource = resource({
  singular: 'pool',
  plural: 'pools',
  path: '/lb/pools',
  attributes: poolAttributes,
  bulk: true,
  standard: false,
});

export const memberAttributes = {
  ...owned,
  pool_id: required(uuid),
  address: required(ip, fixed),
  protocol_port: required(int(0, 65_535), fixed),
  weight: withDefault(int(0, 256), 1),
  ...state,
};

export const memberResource = resource({
  singular: 'member',
  plural: 'members',
  path: '/lb/members',
  attributes: memberAttributes,
  bulk: true,
  standard: false,
});

/** Text of a form, since it becomes a part of the balancer's configuration. */
const formed = (max: number, form: RegExp): Kind<string> => ({
  ...text(max),
  parse(value) {
    const parsed = text(max).parse(value);
    if (!form.test(parsed)) throw new InvalidValue(`'${parsed}' is not a valid input`);
    return parsed;
  },
});

export const monitorAttributes = {
  ...owned,
  type: required(oneOf('PING', 'TCP', 'HTTP', 'HTTPS'), fixed),
  delay: required(int(0, 2 ** 31 - 1)),
  timeout: required(int(0, 2 ** 31 - 1)),
  max_retries: required(int(1, 10)),
  http_method: withDefault(formed(16, /^[A-Za-z]+$/), 'GET'),
  url_path: withDefault(formed(255, /^\/[\x21-\x7e]*$/), '/'),
  expected_codes: withDefault(formed(64, /^(\d{3}(\s*,\s*\d{3})*)$|^(\d{3}-\d{3})$/), '200'),
  admin_state_up: withDefault(bool, true),
  pools: readOnly(list(uuid), answered),
};

export const monitorResource = resource({
  singular: 'health_monitor',
  plural: 'health_monitors',
  path: '/lb/health_monitors',
  attributes: monitorAttributes,
  bulk: true,
  standard: false,
});
