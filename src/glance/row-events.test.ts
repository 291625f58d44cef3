import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toldDatabase } from '#common/bus/testing/told.ts';
import { insertImage, moveStatus, removeDetails, updateSettings } from './images/rows.ts';
import type { ImageSettings } from './images/image.ts';
import { deleteMember, insertMember, updateMember } from './members/rows.ts';
import { glanceMigrations } from './migrations/index.ts';
import { glanceRowEvents } from './row-events.ts';
import type { GlanceTables } from './tables.ts';

const now = '2026-01-01T00:00:00.000000';
const settings: ImageSettings = {
  name: 'cirros',
  visibility: 'shared',
  owner: 'demo',
  protected: false,
  hidden: false,
  diskFormat: 'qcow2',
  containerFormat: 'bare',
  minDisk: 0,
  minRam: 0,
  properties: {},
  tags: ['a'],
};

describe('what Glance tells of its rows', () => {
  let glance: Awaited<ReturnType<typeof toldDatabase<GlanceTables>>>;
  const types = async (): Promise<string[]> => (await glance.told()).map(([type]) => type);
  beforeEach(async () => {
    glance = await toldDatabase<GlanceTables>(glanceMigrations, glanceRowEvents);
    await glance.db.transaction((trx) => insertImage(trx, 'i1', settings, now));
  });
  afterEach(() => glance.close());

  it('is the steps of an image’s life', async () => {
    const { query } = glance.db;
    expect(await glance.told()).toMatchObject([
      ['image.create', 'demo', { id: 'i1', name: 'cirros', status: 'queued', visibility: 'shared' }],
    ]);
    await moveStatus(query, 'i1', ['queued'], 'saving', now);
    expect(await types()).toEqual(['image.prepare']);
    await moveStatus(query, 'i1', ['saving'], 'active', now, { size: 5 });
    expect(await glance.told()).toMatchObject([
      ['image.upload', 'demo', { status: 'active', old_status: 'saving', size: 5 }],
      ['image.activate', 'demo', { status: 'active' }],
    ]);
    await moveStatus(query, 'i1', ['active'], 'deactivated', now);
    await moveStatus(query, 'i1', ['deactivated'], 'active', now);
    await glance.db.transaction((trx) => updateSettings(trx, 'i1', { properties: { os: 'x' } }, now));
    expect(await types()).toEqual(['image.deactivate', 'image.reactivate', 'image.update']);
    await glance.db.transaction(async (trx) => {
      await moveStatus(trx, 'i1', ['active'], 'deleted', now);
      await removeDetails(trx, 'i1');
    });
    expect(await glance.told()).toMatchObject([
      ['image.delete', 'demo', { id: 'i1', name: 'cirros', status: 'deleted' }],
    ]);
  });

  it('says who saw it until now', async () => {
    await glance.db.transaction((trx) => updateSettings(trx, 'i1', { visibility: 'public' }, now));
    await glance.db.transaction((trx) => updateSettings(trx, 'i1', { visibility: 'private' }, now));
    expect((await glance.told()).at(-1)?.[2]).toMatchObject({ visibility: 'private', old_visibility: 'public' });
  });

  it('is members, told to the owner and to the member', async () => {
    await glance.told();
    const { query } = glance.db;
    await insertMember(query, { imageId: 'i1', projectId: 'friend', canShare: false }, now);
    await updateMember(query, 'i1', 'friend', { status: 'accepted' }, now);
    await deleteMember(query, 'i1', 'friend');
    expect((await glance.told()).map(([type, project, payload]) => [type, project, payload['member_status']])).toEqual([
      ['image.member.create', 'demo', 'pending'],
      ['image.member.create', 'friend', 'pending'],
      ['image.member.update', 'demo', 'accepted'],
      ['image.member.update', 'friend', 'accepted'],
      ['image.member.delete', 'demo', 'accepted'],
      ['image.member.delete', 'friend', 'accepted'],
    ]);
  });
});
