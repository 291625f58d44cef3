import { getHashes } from 'node:crypto';
import { StartupError } from '#common/daemon.ts';
import type { Ids } from '#common/ids.ts';
import type { Db } from '../changes.ts';
import type { KeystoneConfig } from '../config.ts';
import { fernetFormat } from './fernet-format.ts';
import { openFernetKeys } from './fernet-keys.ts';
import type { TokenFormat } from './format.ts';
import { pkiFormat } from './pki-format.ts';
import type { Signing } from './signing.ts';
import { uuidFormat } from './uuid-format.ts';

const formats = ['pki', 'pkiz', 'uuid', 'fernet'] as const;
type FormatName = (typeof formats)[number];

/** `uuid`, and how Icehouse spells the same: `keystone.token.providers.uuid.Provider`. */
const word = (setting: string): string =>
  (/^keystone\.token\.providers\.(\w+)\.Provider$/i.exec(setting)?.[1] ?? setting).toLowerCase();

/**
 * The token format that the configuration asks for; `pki` when it says nothing, as in Icehouse.
 * @throws StartupError when the settings contradict each other or name no format
 */
export function chosenFormat({ token, signing }: Pick<KeystoneConfig, 'token' | 'signing'>): FormatName {
  const provider = token.provider === null ? null : word(token.provider);
  const older = signing.token_format === null ? null : word(signing.token_format);
  if (provider !== null && older !== null && provider !== older)
    throw new StartupError(
      `[token] provider says ${token.provider}, [signing] token_format says ${signing.token_format}: they contradict each other. Remove token_format.`,
    );
  const chosen = provider ?? older ?? 'pki';
  const known = formats.find((name) => name === chosen);
  if (!known)
    throw new StartupError(
      `There is no token format "${chosen}". Set [token] provider to one of ${formats.join(', ')}.`,
    );
  return known;
}

/** @throws StartupError as above, for a hash that there is not, and when there are no Fernet keys */
export function openTokenFormat(
  config: KeystoneConfig,
  { db, ids, signing }: { readonly db: Db; readonly ids: Ids; readonly signing: Signing },
): TokenFormat {
  const name = chosenFormat(config);
  const hashAlgorithm = config.token.hash_algorithm;
  if (!getHashes().includes(hashAlgorithm))
    throw new StartupError(`[token] hash_algorithm: there is no hash "${hashAlgorithm}". md5 and sha256 are usual.`);
  if (name === 'uuid') return uuidFormat({ db, ids });
  if (name === 'fernet') return fernetFormat(openFernetKeys(config.fernet_tokens.key_repository));
  return pkiFormat({ db, signing, hashAlgorithm, compressed: name === 'pkiz' });
}
