import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnforcer } from '#common/auth/policy.ts';
import { keystonePolicies } from '../policies.ts';
import { startTestCloud, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

/** What every user may ask: the answer depends on who asks, not on a role. */
const forEverybody =
  /^(identity:get_auth_|identity:(list_regions|get_region|validate_token|check_token|revoke_token|list_credentials|create_credential|create_trust|get_trust|delete_trust|list_roles_for_trust|get_role_for_trust|authorize_request_token|list_registered_limits|get_registered_limit|get_limit_model|list_limits|get_limit)$)/;

describe('every route', () => {
  const { rules } = createEnforcer(keystonePolicies);

  for (const port of ['public', 'admin'] as const) {
    it(`of the ${port} port has an id of its own, a policy that exists, and refuses strangers and other users`, async () => {
      const { mounted } = cloud.apps[port];
      const keys = mounted.map(({ point, route }) => `${point.api} ${route.id}`);
      expect(new Set(keys).size).toBe(keys.length);
      const token = await cloud.token('demo', null);
      for (const { point, route } of mounted) {
        if (route.policy === null) continue;
        expect(rules.has(route.policy), `${route.id}: ${route.policy}`).toBe(true);
        const path = (point.prefix + route.path).replace(/:\w+/g, 'somebody-else');
        const body = route.body && {};
        const anonymous = await cloud.call(route.method, path, body, { port });
        expect(anonymous.status, `${route.id} without a token`).toBe(401);
        if (forEverybody.test(route.policy)) continue;
        const other = await cloud.call(route.method, path, body, { port, token });
        // A credential is looked up before it is known whose it is.
        const refusals = route.policy.endsWith('_credential') ? [400, 403, 404] : [400, 403];
        expect(refusals, `${route.id} as another user`).toContain(other.status);
        if (other.status === 400) expect(route.body, `${route.id}: 400 only for its body`).toBeDefined();
      }
    });
  }

  it('is described at /openapi.json', async () => {
    const document = await cloud.call('GET', '/openapi.json');
    expect(Object.keys(document.body.paths as object)).toContain('/v3/auth/tokens');
  });
});
