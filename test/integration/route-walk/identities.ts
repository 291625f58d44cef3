import { randomBytes } from 'node:crypto';
import type { RestClient } from '#clients/rest.ts';

/** Who walks: without a token; with one of no project; a member of another project; a member; an administrator. */
export const identities = ['nobody', 'stranger', 'other', 'member', 'admin'] as const;
export type Identity = (typeof identities)[number];

export interface Walker {
  readonly token: string | null;
  /** What stands for a project in its own paths. */
  readonly projectId: string;
  readonly userId: string;
}

/** Makes the users and projects of a walk. @param identity Keystone as an administrator */
export async function makeWalkers(
  identity: RestClient,
  authUrl: string,
  admin: { readonly password: string },
): Promise<Record<Identity, Walker>> {
  const { roles } = await identity.json<{ roles: { id: string; name: string }[] }>('GET', '/roles');
  const memberRole = roles.find(({ name }) => name === 'member')?.id ?? '';
  const password = randomBytes(12).toString('hex');
  const user = async (name: string, withProject: boolean): Promise<Walker> => {
    const made = await identity.json<{ user: { id: string } }>('POST', '/users', { user: { name, password } });
    const userId = made.user.id;
    if (!withProject) return { userId, projectId: 'none', token: await logIn(authUrl, name, password, null) };
    const { project } = await identity.json<{ project: { id: string } }>('POST', '/projects', { project: { name } });
    await identity.json('PUT', `/projects/${project.id}/users/${userId}/roles/${memberRole}`);
    return { userId, projectId: project.id, token: await logIn(authUrl, name, password, name) };
  };
  const member = await user('walk-member', true);
  const { users } = await identity.json<{ users: { id: string }[] }>('GET', '/users?name=admin');
  const { projects } = await identity.json<{ projects: { id: string }[] }>('GET', '/projects?name=admin');
  return {
    nobody: { token: null, projectId: member.projectId, userId: member.userId },
    stranger: { ...(await user('walk-stranger', false)), projectId: member.projectId },
    other: await user('walk-other', true),
    member,
    admin: {
      token: await logIn(authUrl, 'admin', admin.password, 'admin'),
      projectId: projects[0]?.id ?? '',
      userId: users[0]?.id ?? '',
    },
  };
}

/** @param project null: a token without a scope */
async function logIn(authUrl: string, name: string, password: string, project: string | null): Promise<string> {
  const domain = { id: 'default' };
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        ...(project === null ? {} : { scope: { project: { name: project, domain } } }),
      },
    }),
  });
  await answer.arrayBuffer();
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`${name} cannot log in: HTTP ${answer.status}`);
  return token;
}
