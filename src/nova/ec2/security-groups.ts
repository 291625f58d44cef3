import type { SecurityGroup, SecurityGroupRule } from '#clients/network.ts';
import { ApiError } from '#common/api/errors.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error, invalidValue, missingParameter } from './errors.ts';
import { filtered, type Ec2Params } from './params.ts';
import type { Xml } from './xml.ts';

const listGroups = ({ networkAs }: Ec2Deps, { ctx }: Ec2Call): Promise<readonly SecurityGroup[]> =>
  networkAs(ctx).securityGroups.list({ tenant_id: ctx.projectId ?? '' });

/** A rule as one entry of `<ipPermissions>`; any protocol is -1. */
function permission(rule: SecurityGroupRule, known: readonly SecurityGroup[]): Record<string, Xml | undefined> {
  const source = known.find((group) => group.id === rule.remote_group_id);
  const icmp = rule.protocol === 'icmp';
  const everywhere = rule.ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0';
  return {
    ipProtocol: rule.protocol ?? '-1',
    ...(rule.protocol !== null && {
      fromPort: rule.port_range_min ?? (icmp ? -1 : 1),
      toPort: rule.port_range_max ?? (icmp ? -1 : 65_535),
    }),
    groups: source ? [{ userId: source.tenant_id, groupId: source.id, groupName: source.name }] : [],
    ipRanges: rule.remote_group_id === null ? [{ cidrIp: rule.remote_ip_prefix ?? everywhere }] : [],
  };
}

const show = (group: SecurityGroup, known: readonly SecurityGroup[]): Record<string, Xml> => ({
  ownerId: group.tenant_id,
  groupId: group.id,
  groupName: group.name,
  groupDescription: group.description,
  ipPermissions: group.security_group_rules
    .filter((rule) => rule.direction === 'ingress')
    .map((rule) => permission(rule, known)),
});

const describeSecurityGroups: Ec2Action = async (deps, call) => {
  const { params } = call;
  const known = await listGroups(deps, call);
  const [names, ids] = [params.list('GroupName'), params.list('GroupId')];
  const missing =
    names.find((name) => !known.some((group) => group.name === name)) ??
    ids.find((id) => !known.some((group) => group.id === id));
  if (missing !== undefined)
    throw new Ec2Error(
      404,
      'InvalidGroup.NotFound',
      `Security group ${missing} not found for project ${call.ctx.projectId}.`,
    );
  const asked = [...known]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter((group) => names.length + ids.length === 0 || names.includes(group.name) || ids.includes(group.id));
  const shown = filtered(asked, params.filters(), (group, name) => {
    const values: Readonly<Record<string, string>> = {
      'group-id': group.id,
      'group-name': group.name,
      description: group.description,
      'owner-id': group.tenant_id,
    };
    return Object.hasOwn(values, name) ? [values[name] as string] : null;
  });
  return { securityGroupInfo: shown.map((group) => show(group, known)) };
};

/** The group of `GroupName` or `GroupId`. @throws Ec2Error */
async function theGroup(
  deps: Ec2Deps,
  call: Ec2Call,
): Promise<{ group: SecurityGroup; known: readonly SecurityGroup[] }> {
  const { params, ctx } = call;
  const [name, id] = [params.text('GroupName'), params.text('GroupId')];
  if (name === null && id === null) throw missingParameter('Not enough parameters, need group_name or group_id');
  const known = await listGroups(deps, call);
  const group = known.find((one) => (id !== null ? one.id === id : one.name === name));
  if (!group)
    throw new Ec2Error(
      404,
      'InvalidGroup.NotFound',
      `Security group ${id ?? name} not found for project ${ctx.projectId}.`,
    );
  return { group, known };
}

const createSecurityGroup: Ec2Action = async (deps, call) => {
  const { ctx, params } = call;
  const name = params.required('GroupName');
  if (!/^[a-zA-Z0-9_][\w .-]{0,254}$/.test(name))
    throw invalidValue(
      `Value (${name}) for parameter GroupName is invalid. Content limited to Alphanumeric characters, spaces, dashes, and underscores.`,
    );
  if ((await listGroups(deps, call)).some((group) => group.name === name))
    throw new Ec2Error(
      409,
      'InvalidGroup.Duplicate',
      `Security group ${name} already exists for project ${ctx.projectId}.`,
    );
  const made = await deps
    .networkAs(ctx)
    .securityGroups.create({ name, description: params.text('GroupDescription') ?? '' });
  return { ...done, groupId: made.id, securityGroupSet: [show(made, [made])] };
};

const deleteSecurityGroup: Ec2Action = async (deps, call) => {
  const { group } = await theGroup(deps, call);
  await deps
    .networkAs(call.ctx)
    .securityGroups.delete(group.id)
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 409)
        throw new Ec2Error(409, 'InvalidGroup.InUse', `Security group ${group.name} is in use.`);
      throw error;
    });
  return done;
};

/** A rule as Neutron has it, of one `IpPermissions.n` or of the old flat parameters. @throws Ec2Error */
function rulesOf(params: Ec2Params, known: readonly SecurityGroup[]): Record<string, unknown>[] {
  const records = params.records('IpPermissions');
  if (records.length === 0) {
    const source = params.text('SourceSecurityGroupName');
    return ruleSet(params, known, params.list('CidrIp'), source === null ? [] : [source]);
  }
  return records.flatMap((one) =>
    ruleSet(
      one,
      known,
      one.records('IpRanges').map((range) => range.required('CidrIp')),
      one.records('Groups').map((group) => group.text('GroupId') ?? group.required('GroupName')),
    ),
  );
}

function ruleSet(
  one: Ec2Params,
  known: readonly SecurityGroup[],
  cidrs: readonly string[],
  groups: readonly string[],
): Record<string, unknown>[] {
  const protocol = (one.text('IpProtocol') ?? (groups.length > 0 ? '-1' : '')).toLowerCase();
  if (protocol === '' || (cidrs.length === 0 && groups.length === 0))
    throw missingParameter('Not enough parameters to build a valid rule');
  if (!['tcp', 'udp', 'icmp', '-1', '6', '17', '1'].includes(protocol))
    throw new Ec2Error(400, 'InvalidParameterValue', `Invalid IP protocol ${protocol}.`);
  const named = ({ '6': 'tcp', '17': 'udp', '1': 'icmp' } as Readonly<Record<string, string>>)[protocol] ?? protocol;
  const [from, to] = [one.integer('FromPort'), one.integer('ToPort')];
  if (named === 'tcp' || named === 'udp') {
    if (from === null || to === null) throw missingParameter('Not enough parameters to build a valid rule');
    if (from > to || from < 0 || to > 65_535)
      throw new Ec2Error(400, 'InvalidPortRange', `Invalid port range ${from}:${to}.`);
  }
  const port = (value: number | null): number | null => (named === '-1' || value === null || value < 0 ? null : value);
  const base = {
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: named === '-1' ? null : named,
    port_range_min: port(from),
    port_range_max: port(to),
  };
  const sources = groups.map((source) => {
    const group = known.find((candidate) => candidate.id === source || candidate.name === source);
    if (!group) throw new Ec2Error(404, 'InvalidGroup.NotFound', `Security group ${source} not found.`);
    return { ...base, remote_ip_prefix: null, remote_group_id: group.id };
  });
  return [...cidrs.map((cidr) => ({ ...base, remote_ip_prefix: cidr, remote_group_id: null })), ...sources];
}

const same = (rule: SecurityGroupRule, wanted: Readonly<Record<string, unknown>>): boolean =>
  rule.direction === 'ingress' &&
  rule.protocol === wanted['protocol'] &&
  rule.port_range_min === wanted['port_range_min'] &&
  rule.port_range_max === wanted['port_range_max'] &&
  rule.remote_group_id === wanted['remote_group_id'] &&
  // Everywhere may be written out or not.
  (rule.remote_ip_prefix ?? '0.0.0.0/0') === (wanted['remote_ip_prefix'] ?? '0.0.0.0/0');

const authorize: Ec2Action = async (deps, call) => {
  const { group, known } = await theGroup(deps, call);
  const wanted = rulesOf(call.params, known);
  if (wanted.some((rule) => group.security_group_rules.some((one) => same(one, rule))))
    throw new Ec2Error(400, 'InvalidPermission.Duplicate', `This rule already exists in group ${group.name}`);
  for (const rule of wanted)
    await deps.networkAs(call.ctx).securityGroupRules.create({ security_group_id: group.id, ...rule });
  return done;
};

const revoke: Ec2Action = async (deps, call) => {
  const { group, known } = await theGroup(deps, call);
  const wanted = rulesOf(call.params, known);
  const doomed = group.security_group_rules.filter((rule) => wanted.some((one) => same(rule, one)));
  if (doomed.length === 0) throw invalidValue('No rule for the specified parameters.');
  for (const rule of doomed) await deps.networkAs(call.ctx).securityGroupRules.delete(rule.id);
  return done;
};

export const securityGroupActions = {
  DescribeSecurityGroups: describeSecurityGroups,
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  AuthorizeSecurityGroupIngress: authorize,
  RevokeSecurityGroupIngress: revoke,
} satisfies Record<string, Ec2Action>;
