import { StartupError } from '#common/daemon.ts';
import type { Ids } from '#common/ids.ts';
import type { Db } from '../changes.ts';
import type { KeystoneConfig } from '../config.ts';
import { fernetFormat } from './fernet-format.ts';
import { openFernetKeys } from './fernet-keys.ts';
import type { TokenFormat } from './format.ts';
import { uuidFormat } from './uuid-format.ts';

/** `uuid`, and how Icehouse spells the same: `keystone.token.providers.uuid.Provider`. */
const word = (setting: string): string =>
  (/^keystone\.token\.providers\.(\w+)\.Provider$/i.exec(setting)?.[1] ?? setting).toLowerCase();

/**
 * The token format that the configuration asks for; `uuid` when it says nothing (Icehouse's own default, PKI, needs
 * certificates that a fresh installation has not).
 * @throws StartupError when the settings contradict each other, name no format, or one that is not there
 */
export function chosenFormat({ token, signing }: Pick<KeystoneConfig, 'token' | 'signing'>): 'uuid' | 'fernet' {
  const provider = token.provider === null ? null : word(token.provider);
  const older = signing.token_format === null ? null : word(signing.token_format);
  if (provider !== null && older !== null && provider !== older)
    throw new StartupError(
      `[token] provider says ${token.provider}, [signing] token_format says ${signing.token_format}: they contradict each other. Remove token_format.`,
    );
  const chosen = provider ?? older ?? 'uuid';
  if (chosen === 'uuid' || chosen === 'fernet') return chosen;
  if (chosen === 'pki' || chosen === 'pkiz')
    throw new StartupError(
      `${chosen.toUpperCase()} tokens are not available in this version. Set [token] provider = uuid or fernet.`,
    );
  throw new StartupError(`There is no token format "${chosen}". Set [token] provider = uuid or fernet.`);
}

/** @throws StartupError as above, and when there are no Fernet keys */
export function openTokenFormat(
  config: KeystoneConfig,
  { db, ids }: { readonly db: Db; readonly ids: Ids },
): TokenFormat {
  if (chosenFormat(config) === 'uuid') return uuidFormat({ db, ids });
  return fernetFormat(openFernetKeys(config.fernet_tokens.key_repository));
}
