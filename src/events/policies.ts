import type { PolicyTable } from '#common/auth/policy.ts';

/** Who may hear what is a rule of its own (`audience.ts`): these only open the door. */
export const eventsPolicies = {
  context_is_admin: 'role:admin',
  'events:list': { check: '@', description: 'List past events of the own project' },
  'events:stream': { check: '@', description: 'Hear events of the own project as they happen' },
  'events:all_projects': { check: 'rule:context_is_admin', description: 'List and hear events of every project' },
} satisfies PolicyTable;
