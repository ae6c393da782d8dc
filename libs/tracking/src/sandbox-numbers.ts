import { DomainError } from '#libs/kernel';

/** ZZ is no country (ISO 3166-1, user-assigned): no terminal of the world has such a code. */
export const SANDBOX_UNLOCODE = 'ZZSBX';
/** No company of the BIC register has it. */
export const SANDBOX_OWNER = 'SBXU';
/** Zhejiang issues no plates of office Z. */
export const SANDBOX_OFFICE = '浙Z';

interface Named {
  readonly field: string;
  readonly value: string;
}

/**
 * A box or truck is one thing wherever it is told of, so a sandbox names none of the port's, and the port none of a sandbox's.
 * @throws DomainError INVALID_INPUT
 */
export function refuseMixing(siteId: string, named: readonly Named[]): void {
  const inSandbox = siteId.startsWith(`${SANDBOX_UNLOCODE}-`);
  for (const { field, value } of named) {
    const isSandboxs = value.startsWith(SANDBOX_OWNER) || value.startsWith(SANDBOX_OFFICE);
    if (isSandboxs === inSandbox) continue;
    const expected = inSandbox
      ? `a box ${SANDBOX_OWNER}… or truck ${SANDBOX_OFFICE}… of the sandbox`
      : 'a box or truck of the port: this is a sandbox’s';
    throw new DomainError('INVALID_INPUT', { field, value, expected });
  }
}
