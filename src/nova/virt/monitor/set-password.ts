import type { Monitor } from './monitor.ts';

/** Sets a password inside the guest, through its agent. @throws Error with what the agent says */
export async function setUserPassword(agent: Monitor, user: string, password: string): Promise<void> {
  await agent.execute('guest-set-user-password', {
    username: user,
    password: Buffer.from(password, 'utf8').toString('base64'),
    crypted: false,
  });
}
