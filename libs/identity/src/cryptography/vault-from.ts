import { DomainError } from '#libs/kernel';
import { readSecretKey } from '../secret-box.js';
import { SUITE_NAMES, type SuiteName } from './suites.js';
import { Vault } from './vault.js';

/**
 * The vault of the key and suite that the environment or the state folder names: BOXTRAIL_SECRET_KEY or secret.key, and
 * BOXTRAIL_CRYPTOGRAPHY.
 * @param stateDir null: there is none
 * @throws DomainError INVALID_CONFIG
 */
export function vaultFrom(env: NodeJS.ProcessEnv, stateDir: string | null): Vault {
  return new Vault(readSecretKey(env, stateDir), suiteNamed(env['BOXTRAIL_CRYPTOGRAPHY']));
}

function suiteNamed(word: string | undefined): SuiteName {
  const suite = word === undefined || word === '' ? 'INTERNATIONAL' : SUITE_NAMES.find((name) => name === word);
  if (suite !== undefined) return suite;
  throw new DomainError(
    'INVALID_CONFIG',
    { field: 'BOXTRAIL_CRYPTOGRAPHY', value: word, expected: SUITE_NAMES.join(' or ') },
    { message: `BOXTRAIL_CRYPTOGRAPHY is "${word}"; it is ${SUITE_NAMES.join(' or ')}.` },
  );
}
