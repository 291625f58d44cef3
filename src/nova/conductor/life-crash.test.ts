import { describe, expect, it } from 'vitest';
import type { NovaFixture } from '../testing/fixture.ts';
import { atEveryStatement, leftovers, type Scene } from '../testing/every-statement.ts';

const show = async (nova: NovaFixture, id: string) =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { token: 'demo/admin' })).body.server;
const act = (nova: NovaFixture, id: string, body: object, token = 'demo') =>
  nova.request('POST', `/v2.1/servers/${id}/action`, { token, body });
const ask = async (nova: NovaFixture, id: string, body: object, token = 'demo'): Promise<void> => {
  const answer = await act(nova, id, body, token);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
};
const boot = async (nova: NovaFixture): Promise<string> => {
  const body = {
    server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }] },
  };
  const { id } = (await nova.request('POST', '/v2.1/servers', { body })).body.server;
  await nova.settled();
  return id as string;
};
/** A server on which these were done, one after the other. */
const after =
  (...bodies: readonly object[]) =>
  async (nova: NovaFixture): Promise<string> => {
    const id = await boot(nova);
    for (const body of bodies) {
      await ask(nova, id, body, 'demo/admin');
      await nova.settled();
    }
    return id;
  };
const guestOf = (nova: NovaFixture, id: string) =>
  [...nova.computes.values()].flatMap((compute) => compute.guests.get(id) ?? [])[0];

const sameHost = { conf: { allow_resize_to_same_host: true } };
const twoHosts = { hosts: ['compute1', 'compute2'] };

/** The server has come to that state, with what such a server has and nothing beside. */
const endsAs =
  (
    status: string,
    more: { readonly claims?: readonly number[]; readonly asides?: number; readonly guests?: number } = {},
  ) =>
  async (nova: NovaFixture, id: string, moment: string): Promise<void> => {
    const shown = await show(nova, id);
    expect([shown.status, shown['OS-EXT-STS:task_state']], moment).toEqual([status, null]);
    const left = await leftovers(nova);
    const { claims = [512], asides = 0, guests = 1 } = more;
    expect(
      {
        open: left.open,
        claims: left.claims.map(([, memory]) => memory).sort((a, b) => a - b),
        asides: left.asides.length,
        guests: left.guests.length,
        copies: left.copies,
        unfilled: left.unfilled,
        ports: left.ports,
      },
      moment,
    ).toEqual({ open: 0, claims, asides, guests, copies: [], unfilled: [], ports: 1 });
  };
const gone = async (nova: NovaFixture, id: string, moment: string): Promise<void> => {
  expect((await nova.request('GET', `/v2.1/servers/${id}`)).status, moment).toBe(404);
  expect(await leftovers(nova), moment).toEqual({
    open: 0,
    claims: [],
    asides: [],
    guests: [],
    copies: [],
    unfilled: [],
    ports: 0,
  });
};
const doing =
  (body: object, token?: string) =>
  (nova: NovaFixture, id: string): Promise<void> =>
    ask(nova, id, body, token);
const deleting =
  (first?: object) =>
  async (nova: NovaFixture, id: string): Promise<void> => {
    if (first) await ask(nova, id, first);
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
  };

const rebuilt = { rebuild: { imageRef: '' } };
const resize = { resize: { flavorRef: '2' } };
const images = (nova: NovaFixture) => [...nova.images.images.values()].filter((image) => image['instance_uuid']);

/** Makes every host fail at that, from now on. */
const failAt =
  (method: string, work: Scene['prepare']): Scene['prepare'] =>
  async (nova) => {
    const id = await work(nova);
    for (const compute of nova.computes.values())
      compute.before = (asked) => {
        if (asked === method) throw new Error(`${method} cannot be done`);
      };
    return id;
  };

const scenes: Record<string, Scene & { readonly least: number }> = {
  'resizes a server': {
    options: sameHost,
    prepare: after(),
    act: doing(resize),
    check: endsAs('VERIFY_RESIZE', { claims: [512, 2048], asides: 1 }),
    least: 15,
  },
  'gives back the server that could not be resized': {
    options: sameHost,
    prepare: failAt('spawn', after()),
    act: doing(resize),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(guestOf(nova, id), moment).toMatchObject({ power: 'running', request: { guest: { memoryMb: 512 } } });
      expect((await show(nova, id)).flavor.id, moment).toBe('1');
    },
    least: 20,
  },
  'unwinds a migration whose disks are not carried over': {
    options: twoHosts,
    prepare: after(),
    act: doing({ migrate: null }, 'demo/admin'),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      const at = (await show(nova, id))['OS-EXT-SRV-ATTR:host'];
      expect(nova.computes.get(at)?.guests.get(id)?.power, moment).toBe('running');
      expect(nova.network.portsOf(id)[0]?.['binding:host_id'], moment).toBe(at);
    },
    least: 20,
  },
  'confirms a resize': {
    options: sameHost,
    prepare: after(resize),
    act: doing({ confirmResize: null }),
    check: endsAs('ACTIVE', { claims: [2048] }),
    least: 8,
  },
  'reverts a resize': {
    options: sameHost,
    prepare: after(resize),
    act: doing({ revertResize: null }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(guestOf(nova, id), moment).toMatchObject({ power: 'running', request: { guest: { memoryMb: 512 } } });
    },
    least: 10,
  },
  'deletes a server that waits for its confirmation': {
    options: sameHost,
    prepare: after(resize),
    act: deleting(),
    check: gone,
    least: 10,
  },
  'deletes a server that is being resized': {
    options: sameHost,
    prepare: after(),
    act: deleting(resize),
    check: gone,
    least: 10,
  },
  'rebuilds a server': {
    prepare: after(),
    act: (nova, id) => ask(nova, id, { rebuild: { ...rebuilt.rebuild, imageRef: nova.imageId } }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(guestOf(nova, id)?.disk, moment).toMatch(/^disk \d/);
    },
    least: 8,
  },
  'suspends a server': { prepare: after(), act: doing({ suspend: null }), check: endsAs('SUSPENDED'), least: 5 },
  'resumes a server': {
    prepare: after({ suspend: null }),
    act: doing({ resume: null }),
    check: endsAs('ACTIVE'),
    least: 5,
  },
  'rescues a server': { prepare: after(), act: doing({ rescue: null }), check: endsAs('RESCUE'), least: 5 },
  'gives back a server that could not be rescued': {
    prepare: failAt('rescue', after()),
    act: doing({ rescue: null }),
    check: endsAs('ACTIVE'),
    least: 5,
  },
  'unrescues a server': {
    prepare: after({ rescue: null }),
    act: doing({ unrescue: null }),
    check: endsAs('ACTIVE'),
    least: 5,
  },
  'shelves a server': {
    options: twoHosts,
    prepare: after(),
    act: doing({ shelve: null }),
    check: async (nova, id, moment) => {
      await endsAs('SHELVED_OFFLOADED', { claims: [], guests: 0 })(nova, id, moment);
      expect(images(nova), moment).toHaveLength(1);
    },
    least: 15,
  },
  'gives back a server that could not be shelved': {
    prepare: failAt('uploadSnapshot', after()),
    act: doing({ shelve: null }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect([guestOf(nova, id)?.power, images(nova)], moment).toEqual(['running', []]);
    },
    least: 10,
  },
  'unshelves a server': {
    options: twoHosts,
    prepare: after({ shelve: null }),
    act: doing({ unshelve: null }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(images(nova), moment).toEqual([]);
      const at = (await show(nova, id))['OS-EXT-SRV-ATTR:host'];
      expect(nova.computes.get(at)?.guests.get(id)?.power, moment).toBe('running');
    },
    least: 15,
  },
  'deletes a server that is being shelved': {
    options: twoHosts,
    prepare: after(),
    act: deleting({ shelve: null }),
    check: gone,
    least: 10,
  },
  'makes an image': {
    prepare: after(),
    act: doing({ createImage: { name: 'shot' } }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(
        images(nova).map((image) => image.status),
        moment,
      ).toEqual(['active']);
    },
    least: 10,
  },
  'leaves no image that could not be made': {
    prepare: failAt('snapshot', after()),
    act: doing({ createImage: { name: 'shot' } }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(images(nova), moment).toEqual([]);
    },
    least: 8,
  },
  'deletes a server of which an image is being made': {
    prepare: after(),
    act: deleting({ createImage: { name: 'shot' } }),
    check: async (nova, id, moment) => {
      // An image that was done before the delete came is the user's.
      for (const image of images(nova)) {
        expect(image.status, moment).toBe('active');
        nova.images.images.delete(image.id);
      }
      await gone(nova, id, moment);
    },
    least: 8,
  },
  'makes a backup, and deletes the one before': {
    prepare: after({ createBackup: { name: 'b1', backup_type: 'daily', rotation: 1 } }),
    act: doing({ createBackup: { name: 'b2', backup_type: 'daily', rotation: 1 } }),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      expect(
        images(nova).map((image) => image.name),
        moment,
      ).toEqual(['b2']);
    },
    least: 10,
  },
  'deletes a server for a while': {
    options: { conf: { reclaim_instance_interval: 3600 } },
    prepare: after(),
    act: deleting(),
    check: endsAs('SOFT_DELETED'),
    least: 5,
  },
  'evacuates a server': {
    options: twoHosts,
    prepare: async (nova) => {
      const id = await boot(nova);
      const at = (await show(nova, id))['OS-EXT-SRV-ATTR:host'] as string;
      await nova.db.query.updateTable('services').set({ forced_down: 1 }).where('host', '=', at).execute();
      // What it had is gone with its host.
      nova.computes.get(at)?.guests.clear();
      return id;
    },
    act: doing({ evacuate: { onSharedStorage: false } }, 'demo/admin'),
    check: async (nova, id, moment) => {
      await endsAs('ACTIVE')(nova, id, moment);
      const at = (await show(nova, id))['OS-EXT-SRV-ATTR:host'];
      expect(nova.computes.get(at)?.guests.get(id)?.power, moment).toBe('running');
      expect(nova.network.portsOf(id)[0]?.['binding:host_id'], moment).toBe(at);
    },
    least: 12,
  },
};

describe('a conductor that is killed at any statement', () => {
  it.each(Object.entries(scenes))('%s', { timeout: 120_000 }, async (_name, { least, ...scene }) => {
    expect(await atEveryStatement(scene)).toBeGreaterThanOrEqual(least);
  });
});
