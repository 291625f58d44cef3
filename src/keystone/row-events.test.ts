import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toldDatabase } from '#common/bus/testing/told.ts';
import { deleteAssignment, insertAssignment } from './assignments/rows.ts';
import { keystoneMigrations } from './migrations/index.ts';
import { keystoneRowEvents } from './row-events.ts';
import type { KeystoneTables } from './tables.ts';
import { countFailure, deleteUser, insertUser, markActive, updateUser } from './users/rows.ts';

const now = '2026-01-01T00:00:00.000000';
const user = {
  ...{ id: 'u1', name: 'alice', domainId: 'default', enabled: true, defaultProjectId: null, passwordExpiresAt: null },
  ...{ options: {}, extra: { email: 'alice@example.org' } },
};

describe('what Keystone tells of its rows', () => {
  let keystone: Awaited<ReturnType<typeof toldDatabase<KeystoneTables>>>;
  beforeEach(async () => {
    keystone = await toldDatabase<KeystoneTables>(keystoneMigrations, keystoneRowEvents);
  });
  afterEach(() => keystone.close());

  it('is users that come, change and go: not that they sign in, nor their passwords', async () => {
    const { query } = keystone.db;
    await insertUser(query, user, '$2b$hash', now);
    await markActive(query, 'u1', now);
    await countFailure(query, 'u1', now);
    await updateUser(query, { ...user, enabled: false }, { hash: '$2b$other', createdAt: now });
    await keystone.db.transaction((trx) => deleteUser(trx, 'u1'));
    const told = await keystone.told();
    const payload = { resource_info: 'u1', name: 'alice', domain_id: 'default' };
    expect(told).toEqual([
      ['identity.user.created', undefined, { ...payload, enabled: true }],
      ['identity.user.updated', undefined, { ...payload, enabled: false }],
      ['identity.user.deleted', undefined, { ...payload, enabled: false }],
    ]);
    expect(JSON.stringify(told)).not.toMatch(/\$2b|example/);
  });

  it('tells domains from projects', async () => {
    const row = { domain_id: 'default', parent_id: null, description: null, enabled: 1, options: '{}', extra: '{}' };
    await keystone.db.query
      .insertInto('project')
      .values([
        { ...row, id: 'p', name: 'p', is_domain: 0 },
        { ...row, id: 'd', name: 'd', is_domain: 1 },
      ])
      .execute();
    await keystone.db.query.updateTable('project').set({ description: 'x' }).where('id', 'in', ['p', 'd']).execute();
    expect((await keystone.told()).map(([type, , payload]) => [type, payload['resource_info']])).toEqual([
      ['identity.project.created', 'p'],
      ['identity.domain.created', 'd'],
      ['identity.project.updated', 'p'],
      ['identity.domain.updated', 'd'],
    ]);
  });

  it('is roles that are granted and taken back, once', async () => {
    const grant = {
      actor: { kind: 'user', id: 'u' },
      target: { kind: 'project', id: 'p' },
      roleId: 'r',
    } as const;
    await insertAssignment(keystone.db.query, grant);
    await insertAssignment(keystone.db.query, grant);
    await deleteAssignment(keystone.db.query, grant);
    const payload = { role: 'r', user: 'u', project: 'p', inherited_to_projects: false };
    expect(await keystone.told()).toEqual([
      ['identity.role_assignment.created', undefined, payload],
      ['identity.role_assignment.deleted', undefined, payload],
    ]);
  });
});
