import { describe, expect, it } from 'vitest';
import type { Client } from './base/client.ts';
import { glanceClient } from './glance/client.ts';
import { keystoneClient } from './keystone/client.ts';
import { neutronClient } from './neutron/client.ts';
import { novaClient } from './nova/client.ts';

const clients: readonly Client<never>[] = [keystoneClient, glanceClient, novaClient, neutronClient].map(
  (client) => client as unknown as Client<never>,
);

describe.each(clients.map((client) => ({ name: client.name, client })))('the commands of $name', ({ client }) => {
  it('are those that its list of files says', async () => {
    for (const { names, load } of client.files) {
      const there = (await load()).flatMap((command) => [command.name, ...(command.aliases ?? [])]);
      expect([...there].toSorted()).toEqual([...names].toSorted());
    }
  });

  it('have help and distinct names', async () => {
    const commands = (await Promise.all(client.files.map(({ load }) => load()))).flat();
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
    for (const command of commands) {
      expect(command.summary, command.name).toMatch(/^[A-Z].*\.$/);
      expect(client.help(client, command)).toMatch(new RegExp(`^usage: ${client.name} ${command.name}`));
    }
  });
});
