import { bool, cidr, oneOf, text, uuid } from '../api/kinds.ts';
import { optional, readOnly, required, resource, withDefault } from '../api/resource.ts';
import { owned } from '../api/standard.ts';

const fixed = { put: false } as const;

export const labelAttributes = {
  ...owned,
  name: withDefault(text(255), '', fixed),
  description: withDefault(text(1024), '', fixed),
  shared: withDefault(bool, false, fixed),
};

export const labelResource = resource({
  singular: 'metering_label',
  plural: 'metering_labels',
  path: '/metering/metering-labels',
  attributes: labelAttributes,
  bulk: true,
  standard: false,
  hidden: true,
});

export const labelRuleAttributes = {
  id: readOnly(uuid),
  // Neutron takes them and shows them nowhere.
  tenant_id: optional(text(255), { put: false, listed: false }),
  project_id: optional(text(255), { put: false, listed: false }),
  metering_label_id: required(uuid, fixed),
  direction: required(oneOf('ingress', 'egress'), fixed),
  remote_ip_prefix: required(cidr, fixed),
  excluded: withDefault(bool, false, fixed),
};

export const labelRuleResource = resource({
  singular: 'metering_label_rule',
  plural: 'metering_label_rules',
  path: '/metering/metering-label-rules',
  attributes: labelRuleAttributes,
  bulk: true,
  standard: false,
  hidden: true,
});
