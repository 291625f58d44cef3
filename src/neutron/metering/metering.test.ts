import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meteringRpc } from '../rpc.ts';
import { admin, createTestbed, makeExternal, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

const LABELS = '/v2.0/metering/metering-labels';
const RULES = '/v2.0/metering/metering-label-rules';

describe('metering', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await createTestbed({
      config: { DEFAULT: { service_plugins: 'router,neutron.services.metering.metering_plugin.MeteringPlugin' } },
    });
  });
  afterAll(() => bed.close());
  const label = async (attributes: object = {}): Promise<string> =>
    (await bed.ok(admin, 'POST', LABELS, { metering_label: { name: 'l', ...attributes } })).metering_label.id;
  const rule = (metering_label_id: string, attributes: object = {}) =>
    bed.request(admin, 'POST', RULES, {
      metering_label_rule: { metering_label_id, direction: 'ingress', remote_ip_prefix: '10.0.0.0/24', ...attributes },
    });

  it('answers labels and rules as Neutron does', async () => {
    const made = await bed.request(admin, 'POST', LABELS, { metering_label: { name: 'l1', description: 'd' } });
    expect([made.status, made.body]).toEqual([
      201,
      {
        metering_label: {
          id: expect.stringMatching(uuidPattern),
          name: 'l1',
          description: 'd',
          tenant_id: 'admin-project',
          project_id: 'admin-project',
          shared: false,
        },
      },
    ]);
    const { id } = made.body.metering_label;
    const ruled = await rule(id);
    expect([ruled.status, ruled.body]).toEqual([
      201,
      {
        metering_label_rule: {
          id: expect.stringMatching(uuidPattern),
          metering_label_id: id,
          direction: 'ingress',
          remote_ip_prefix: '10.0.0.0/24',
          excluded: false,
        },
      },
    ]);
    const ruleId = ruled.body.metering_label_rule.id;
    expect(await bed.ok(admin, 'GET', `${RULES}/${ruleId}`)).toEqual(ruled.body);
    expect(await bed.ok(admin, 'GET', `${LABELS}?name=l1`)).toEqual({ metering_labels: [made.body.metering_label] });
    expect(await bed.ok(admin, 'GET', `${LABELS}?id=33`)).toEqual({ metering_labels: [] });
    expect((await bed.ok(admin, 'GET', `${RULES}?metering_label_id=${id}`)).metering_label_rules).toHaveLength(1);
    expect((await bed.request(admin, 'DELETE', `${LABELS}/${id}`)).status).toBe(204);
    expect((await bed.request(admin, 'GET', `${RULES}/${ruleId}`)).body.NeutronError).toMatchObject({
      type: 'MeteringLabelRuleNotFound',
      message: `Metering label rule ${ruleId} does not exist.`,
    });
    const extensions = (await bed.ok(member, 'GET', '/v2.0/extensions')).extensions as { alias: string }[];
    expect(extensions.map(({ alias }) => alias)).toContain('metering');
  });

  it('is for administrators', async () => {
    const id = await label({ tenant_id: 'demo' });
    expect((await bed.request(member, 'POST', LABELS, { metering_label: { name: 'mine' } })).status).toBe(403);
    expect((await bed.request(member, 'GET', `${LABELS}/${id}`)).status).toBe(403);
    expect((await bed.request(member, 'DELETE', `${LABELS}/${id}`)).status).toBe(403);
    expect(await bed.ok(member, 'GET', LABELS)).toEqual({ metering_labels: [] });
    expect(await bed.ok(stranger, 'GET', RULES)).toEqual({ metering_label_rules: [] });
  });

  it.each([
    [{ remote_ip_prefix: '10.0.0.0/16' }, 409, 'MeteringLabelRuleOverlaps'],
    [{ remote_ip_prefix: '10.0.1.0/24' }, 201, undefined],
    [{ direction: 'egress' }, 201, undefined],
    [{ excluded: true }, 201, undefined],
    [{ remote_ip_prefix: 'fd00::/64' }, 201, undefined],
    [{ direction: 'sideways' }, 400, 'HTTPBadRequest'],
    [{ remote_ip_prefix: 'x' }, 400, 'HTTPBadRequest'],
    [{ metering_label_id: '7e4ba4a7-1ea7-4ac4-9a91-e3e5e8f4e0a1' }, 404, 'MeteringLabelNotFound'],
  ])('takes a rule with %j beside one of 10.0.0.0/24: %i', async (attributes, status, type) => {
    const id = await label();
    expect((await rule(id)).status).toBe(201);
    const answer = await rule(id, attributes);
    expect([answer.status, answer.body.NeutronError?.type]).toEqual([status, type]);
  });

  it('cannot be changed', async () => {
    const answer = await bed.request(admin, 'PUT', `${LABELS}/${await label()}`, { metering_label: { name: 'x' } });
    expect([404, 405]).toContain(answer.status);
  });

  it('tells the agent what the routers of its host count', async () => {
    await bed.report({ agentType: 'L3 agent', host: 'net1' });
    const { networkId } = await makeExternal(bed);
    const make = async (token: string): Promise<string> =>
      (await bed.ok(token, 'POST', '/v2.0/routers', { router: { external_gateway_info: { network_id: networkId } } }))
        .router.id;
    const [mine, others] = [await make('member:metered'), await make('member:unmetered')];
    await bed.settled();
    await bed.services.scheduler.scheduleRouters([mine, others]);
    const own = await label({ tenant_id: 'metered' });
    await rule(own, { direction: 'egress', excluded: true });
    const meters = async () => (await bed.bus.client(meteringRpc).call('meters', { host: 'net1' })).routers;
    const gatewayPortId = expect.stringMatching(uuidPattern) as string;
    const spec = {
      id: own,
      projectId: 'metered',
      rules: [{ direction: 'egress', prefix: '10.0.0.0/24', excluded: true }],
    };
    expect(await meters()).toEqual([{ id: mine, gatewayPortId, labels: [spec] }]);
    const shared = await label({ shared: true });
    const all = await meters();
    expect(new Map(all.map((router) => [router.id, router.labels.map(({ id }) => id).sort()]))).toEqual(
      new Map([
        [mine, [own, shared].sort()],
        [others, [shared]],
      ]),
    );
    expect(await bed.bus.client(meteringRpc).call('meters', { host: 'elsewhere' })).toEqual({ routers: [] });
    await bed.ok(admin, 'DELETE', `${LABELS}/${shared}`);
  });
});
