import { describe, expect, it } from 'vitest';
import { Given } from './base/arguments.ts';
import type { Client } from './base/client.ts';
import { cinderClient } from './cinder/client.ts';
import { glanceClient } from './glance/client.ts';
import { keystoneClient } from './keystone/client.ts';
import { neutronClient } from './neutron/client.ts';
import { novaClient } from './nova/client.ts';

const erased = (client: unknown): Client<never> => client as Client<never>;
const second = async (client: Client<never>, option: string): Promise<Client<never>> =>
  (await client.variant?.(new Given(new Map([[option, ['2']]])), {})) ?? client;

const clients: readonly { readonly name: string; readonly client: () => Promise<Client<never>>; count: number }[] = [
  { name: 'keystone', client: async () => erased(keystoneClient), count: 35 },
  { name: 'glance', client: async () => erased(glanceClient), count: 20 },
  { name: 'glance, version 2', client: () => second(erased(glanceClient), 'os-image-api-version'), count: 14 },
  { name: 'nova', client: async () => erased(novaClient), count: 193 },
  { name: 'neutron', client: async () => erased(neutronClient), count: 130 },
  { name: 'cinder', client: async () => erased(cinderClient), count: 69 },
  { name: 'cinder, version 2', client: () => second(erased(cinderClient), 'os-volume-api-version'), count: 70 },
];

describe.each(clients)('the commands of $name', ({ client: load, count }) => {
  it('are those that its list of files says', async () => {
    const client = await load();
    for (const file of client.files) {
      const there = (await file.load()).flatMap((command) => [command.name, ...(command.aliases ?? [])]);
      expect([...there].toSorted()).toEqual([...file.names].toSorted());
    }
  });

  it('have help and distinct names, and none was lost', async () => {
    const client = await load();
    const commands = (await Promise.all(client.files.map((file) => file.load()))).flat();
    expect(new Set(commands.map(({ name }) => name)).size).toBe(count);
    expect(commands.length).toBe(count);
    for (const command of commands) {
      expect(command.summary, command.name).toMatch(/^[A-Z].*\.$/);
      expect(client.help.ofCommand(client, command)).toMatch(new RegExp(`^usage: ${client.name} ${command.name}`));
    }
  });

  it('have no option twice', async () => {
    const client = await load();
    for (const command of (await Promise.all(client.files.map((file) => file.load()))).flat()) {
      const options = command.arguments.flatMap(({ name, aliases = [], formerly = [] }) => [
        name,
        ...aliases,
        ...formerly,
      ]);
      expect(new Set(options).size, command.name).toBe(options.length);
    }
  });
});
