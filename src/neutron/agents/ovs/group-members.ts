import type { Members, SecurityGroupAnswer } from '../../rpc.ts';

const none: Members = { IPv4: [], IPv6: [] };

/** The members of remote groups as the server told them, whole or by what changed. */
export class GroupMembers {
  #members: Readonly<Record<string, Members>> = {};
  #versions: Readonly<Record<string, string>> = {};

  get current(): SecurityGroupAnswer['members'] {
    return this.#members;
  }

  /** What to tell the server that is known, by group. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** @param all the answer is about every port of the host: groups that it does not name are of no use any more */
  take({ members, memberChanges = {}, memberVersions = {} }: SecurityGroupAnswer, all: boolean): void {
    const changed = Object.entries(memberChanges).map(([id, change]) => {
      const before = this.#members[id] ?? none;
      const apply = (family: 'IPv4' | 'IPv6'): readonly string[] => {
        const { added, removed } = change[family];
        if (added.length + removed.length === 0) return before[family];
        const gone = new Set(removed);
        return [...before[family].filter((one) => !gone.has(one)), ...added].sort();
      };
      return [id, { IPv4: apply('IPv4'), IPv6: apply('IPv6') }] as const;
    });
    const told = { ...members, ...Object.fromEntries(changed) };
    this.#members = all ? told : { ...this.#members, ...told };
    this.#versions = all ? memberVersions : { ...this.#versions, ...memberVersions };
  }
}
