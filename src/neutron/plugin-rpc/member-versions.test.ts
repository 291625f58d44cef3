import { describe, expect, it } from 'vitest';
import { GroupMembers } from '../agents/ovs/group-members.ts';
import type { Members } from '../rpc.ts';
import { MemberVersions, type MemberAnswer } from './member-versions.ts';

const addresses = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `10.0.${(from + i) >> 8}.${(from + i) & 255}`).sort();
const members = (IPv4: readonly string[]): Members => ({ IPv4, IPv6: ['fd00::1'] });

describe('members of groups', () => {
  const told = (agent: GroupMembers, { version, whole, change }: MemberAnswer, all = true): void =>
    agent.take(
      {
        ports: [],
        members: whole ? { g: whole } : {},
        memberChanges: change ? { g: change } : {},
        memberVersions: { g: version },
      },
      all,
    );

  it('are told whole once, then by what changed', () => {
    const versions = new MemberVersions();
    const agent = new GroupMembers();
    const first = members(addresses(0, 300));
    const answer = versions.answer('g', first, agent.versions['g']);
    expect(answer).toEqual({ version: expect.any(String), whole: first });
    told(agent, answer);
    const second = members(addresses(1, 302));
    const next = versions.answer('g', second, agent.versions['g']);
    expect(next.whole).toBeUndefined();
    expect(next.change?.IPv4).toEqual({ added: ['10.0.1.44', '10.0.1.45'], removed: ['10.0.0.0'] });
    told(agent, next, false);
    expect(agent.current).toEqual({ g: second });
    const same = versions.answer('g', second, agent.versions['g']);
    expect(same).toMatchObject({ change: { IPv4: { added: [], removed: [] } } });
    told(agent, same);
    expect(agent.current).toEqual({ g: second });
  });

  it('are told whole when the version is not known, or the group is small', () => {
    const versions = new MemberVersions();
    const large = members(addresses(0, 300));
    expect(versions.answer('g', large, 'of another server')).toMatchObject({ whole: large });
    const small = members(['10.0.0.1']);
    const { version } = versions.answer('s', small, undefined);
    expect(versions.answer('s', members(['10.0.0.2']), version)).toMatchObject({ whole: { IPv4: ['10.0.0.2'] } });
  });

  it('are forgotten, the oldest first, beyond what may be kept', () => {
    const versions = new MemberVersions(700);
    const [one, two, three] = [0, 1, 2].map((n) => members(addresses(n, 300 + n))) as [Members, Members, Members];
    const first = versions.answer('g', one, undefined).version;
    const second = versions.answer('g', two, undefined).version;
    versions.answer('g', one, first); // used again
    versions.answer('h', three, undefined);
    expect(versions.answer('g', three, first).change).toBeDefined();
    expect(versions.answer('g', three, second).whole).toBeDefined();
  });

  it('go from the agent with the last rule that names them', () => {
    const agent = new GroupMembers();
    told(agent, new MemberVersions().answer('g', members(['10.0.0.1']), undefined));
    agent.take({ ports: [], members: {} }, true);
    expect([agent.current, agent.versions]).toEqual([{}, {}]);
  });
});
