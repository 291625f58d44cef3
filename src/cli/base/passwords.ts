import type { Shell } from './shell.ts';

/** Asks for a new password twice, until both are the same; undefined where nobody can be asked. */
export async function askNewPassword(shell: Shell, first: string, again: string): Promise<string | undefined> {
  for (;;) {
    const password = await shell.askSecret(first);
    if (password === undefined || password === (await shell.askSecret(again))) return password;
  }
}
