import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rotateFernetKeys, setupFernetKeys } from '../tokens/fernet-keys.ts';
import { adminToken, startTestCloud, type TestCloud } from '../testing/cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-vault-'));
afterAll(() => rmSync(folder, { recursive: true }));

const start = (name: string): Promise<TestCloud> =>
  startTestCloud({ credential: { key_repository: join(folder, name) } });
const stored = async ({ db }: TestCloud) =>
  db.query.selectFrom('credential').select(['blob', 'encrypted_by']).execute();
const create = async (cloud: TestCloud, blob: string): Promise<string> => {
  const credential = { type: 'totp', blob, user_id: cloud.ids.users['demo'] };
  return (await cloud.call('POST', '/v3/credentials', { credential }, { token: adminToken })).body.credential
    .id as string;
};
const blobOf = async (cloud: TestCloud, id: string): Promise<unknown> =>
  (await cloud.call('GET', `/v3/credentials/${id}`, undefined, { token: adminToken })).body.credential.blob;

describe('credentials in the database', () => {
  it('are encrypted, with a key that may be changed', async () => {
    setupFernetKeys(join(folder, 'keys'));
    const cloud = await start('keys');
    const id = await create(cloud, 'a secret');
    const [before] = await stored(cloud);
    expect(before?.blob).toMatch(/^gAAAA/);
    expect(await blobOf(cloud, id)).toBe('a secret');
    rotateFernetKeys(join(folder, 'keys'), 3);
    expect(await blobOf(cloud, id)).toBe('a secret');
    expect([await cloud.identity.credentials.reseal(), await cloud.identity.credentials.reseal()]).toEqual([1, 0]);
    const [after] = await stored(cloud);
    expect(after?.encrypted_by).not.toBe(before?.encrypted_by);
    expect(await blobOf(cloud, id)).toBe('a secret');
    await cloud.close();
  });

  it('are kept as they are while there are no keys, and encrypted once there are', async () => {
    const cloud = await start('later');
    const id = await create(cloud, 'plain');
    expect(await stored(cloud)).toEqual([{ blob: 'plain', encrypted_by: null }]);
    setupFernetKeys(join(folder, 'later'));
    expect(await cloud.identity.credentials.reseal()).toBe(1);
    expect((await stored(cloud))[0]?.blob).toMatch(/^gAAAA/);
    expect(await blobOf(cloud, id)).toBe('plain');
    await cloud.close();
  });

  it('of a user are no more than allowed', async () => {
    const cloud = await startTestCloud({ credential: { user_limit: 1 } });
    await create(cloud, 'one');
    const credential = { type: 'totp', blob: 'two', user_id: cloud.ids.users['demo'] };
    expect((await cloud.call('POST', '/v3/credentials', { credential }, { token: adminToken })).status).toBe(403);
    await cloud.close();
  });
});
