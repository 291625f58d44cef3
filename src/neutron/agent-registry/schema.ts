import { bool, dict, nullable, text, uuid } from '../api/kinds.ts';
import { readOnly, resource, withDefault, type Attribute } from '../api/resource.ts';

/** Agents announce themselves: nobody posts one. */
const changeable = <T>(attribute: Attribute<T, T>): Attribute<T, T> => ({ ...attribute, post: false });

export const agentAttributes = {
  id: readOnly(uuid),
  agent_type: readOnly(text(64)),
  binary: readOnly(text(255)),
  topic: readOnly(text(255)),
  host: readOnly(text(255)),
  admin_state_up: changeable(withDefault(bool, true)),
  created_at: readOnly(text(32)),
  started_at: readOnly(text(32)),
  heartbeat_timestamp: readOnly(text(32)),
  alive: readOnly(bool),
  description: changeable(withDefault(nullable(text(255)), null)),
  configurations: readOnly(dict, { listed: false }),
  availability_zone: readOnly(nullable(text(255))),
  resources_synced: readOnly(nullable(bool), { listed: false }),
};

export const agentResource = resource({
  singular: 'agent',
  plural: 'agents',
  path: '/agents',
  attributes: agentAttributes,
  bulk: false,
  standard: false,
  hidden: true,
});
