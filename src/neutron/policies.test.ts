import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminContext } from '#common/auth/context.ts';
import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { neutronPolicies } from './policies.ts';

describe('policies', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'igloo-policy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const user = { ...adminContext('req-1'), isAdmin: false, roles: ['member'], projectId: 'p1' };

  it('let owners and administrators in, and others see what is shared', () => {
    const { allows } = createEnforcer(neutronPolicies);
    expect(allows('update_network', user, { project_id: 'p1' })).toBe(true);
    expect(allows('update_network', user, { project_id: 'p2' })).toBe(false);
    expect(allows('update_network', { ...user, roles: ['admin'] }, { project_id: 'p2' })).toBe(true);
    expect(allows('get_network', user, { project_id: 'p2', shared: true })).toBe(true);
    expect(allows('get_network', user, { project_id: 'p2', shared: false, 'router:external': true })).toBe(true);
    expect(allows('create_subnet', user, { project_id: 'p1', 'network:tenant_id': 'p2' })).toBe(false);
  });

  it('are replaced by an operator, in the old spelling too', () => {
    const path = join(folder, 'policy.json');
    writeFileSync(path, JSON.stringify({ shared: 'field:networks:shared=True', create_network: 'role:netmaker' }));
    const { allows } = createEnforcer(neutronPolicies, readPolicyFile(path, folder));
    expect(allows('get_network', user, { project_id: 'p2', shared: true })).toBe(true);
    expect(allows('get_network', user, { project_id: 'p2', shared: false })).toBe(false);
    expect(allows('create_network', user, { project_id: 'p1' })).toBe(false);
    expect(readPolicyFile('nothing.json', folder)).toEqual({});
    writeFileSync(path, '{');
    expect(() => readPolicyFile(path, folder)).toThrow(/is no JSON/);
  });
});
