import { createHash } from 'node:crypto';
import type { MemberChange, Members } from '../rpc.ts';

/** Fewer addresses are sent whole: that costs less than to remember them. */
const worthRemembering = 64;

const sizeOf = ({ IPv4, IPv6 }: Members): number => IPv4.length + IPv6.length;

export interface MemberAnswer {
  readonly version: string;
  /** Either all members, or what changed since the version that the agent has. */
  readonly whole?: Members;
  readonly change?: MemberChange;
}

/**
 * Members of large security groups as agents were told them, so that an agent is sent what changed and not ten thousand
 * addresses anew because of one. What is forgotten, or was told by another server, is sent whole.
 */
export class MemberVersions {
  readonly #capacity: number;
  /** `group version` → members; the one that was asked for longest ago first. */
  readonly #kept = new Map<string, Members>();
  #size = 0;

  /** @param capacity addresses that are kept, of all groups and versions together */
  constructor(capacity = 200_000) {
    this.#capacity = capacity;
  }

  /** @param now sorted @param known the version that the agent has */
  answer(groupId: string, now: Members, known: string | undefined): MemberAnswer {
    const version = createHash('sha256').update(JSON.stringify(now)).digest('base64url').slice(0, 22);
    if (known === version) {
      this.#keep(`${groupId} ${version}`, now);
      return { version, change: { IPv4: nothing, IPv6: nothing } };
    }
    if (sizeOf(now) < worthRemembering) return { version, whole: now };
    const before = known === undefined ? undefined : this.#kept.get(`${groupId} ${known}`);
    this.#keep(`${groupId} ${version}`, now);
    if (!before) return { version, whole: now };
    return { version, change: { IPv4: between(before.IPv4, now.IPv4), IPv6: between(before.IPv6, now.IPv6) } };
  }

  #keep(key: string, members: Members): void {
    const size = sizeOf(members);
    if (size < worthRemembering) return;
    const known = this.#kept.get(key);
    if (known) this.#kept.delete(key);
    else this.#size += size;
    this.#kept.set(key, known ?? members);
    for (const [oldest, old] of this.#kept) {
      if (this.#size <= this.#capacity || oldest === key) break;
      this.#kept.delete(oldest);
      this.#size -= sizeOf(old);
    }
  }
}

const nothing = { added: [], removed: [] } as const;

function between(before: readonly string[], now: readonly string[]): MemberChange['IPv4'] {
  const [had, has] = [new Set(before), new Set(now)];
  return { added: now.filter((one) => !had.has(one)), removed: before.filter((one) => !has.has(one)) };
}
