import { isIPv4, isIPv6 } from 'node:net';
import { DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Vault } from '../cryptography/vault.js';

interface Allowance {
  /** Failures behind each other without a pause. */
  readonly free: number;
  readonly longestPauseS: number;
  /** From so many on each failure costs a day (NIST SP 800-63B-4, 3.2.2: no more than 100 behind each other). */
  readonly most: number;
  /** Without a failure for so long, counting begins anew. */
  readonly forgottenAfterS: number;
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

const ALLOWANCES = {
  LOGIN_NAME: { free: 5, longestPauseS: HOUR_S, most: 100, forgottenAfterS: DAY_S },
  /** Somebody signed in: codes of a second factor, the present password. */
  PERSON: { free: 5, longestPauseS: HOUR_S, most: 100, forgottenAfterS: DAY_S },
  /** Many people may stand behind one address. */
  ADDRESS: { free: 100, longestPauseS: HOUR_S / 4, most: Number.POSITIVE_INFINITY, forgottenAfterS: HOUR_S },
} as const satisfies Record<string, Allowance>;

export type SubjectKind = keyof typeof ALLOWANCES;

/** Who or what fails. Known by a blind index: neither names nor addresses are kept. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly index: Buffer;
}

export function subjectOf(vault: Vault, kind: SubjectKind, text: string): Subject {
  return { kind, index: vault.blindIndex(`ATTEMPT ${kind}`, text) };
}

/** None where no one address stands for an operation. */
export function addressSubjects(vault: Vault, address: string | null): readonly Subject[] {
  return address === null ? [] : [subjectOf(vault, 'ADDRESS', networkOf(address))];
}

/** Doubling from one second on. */
export function pauseAfter(kind: SubjectKind, failures: number): number {
  const { free, longestPauseS, most } = ALLOWANCES[kind];
  if (failures < free) return 0;
  return failures >= most ? DAY_S : Math.min(2 ** (failures - free), longestPauseS);
}

/** Of IPv6 the network of 64 bits that one house has (RFC 4291, 2.5.4); of IPv4 in IPv6 the IPv4. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIPv4(address) || !isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const filled =
    tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return `${filled
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

interface AttemptRow {
  readonly subject: Buffer;
  readonly failures: number;
  readonly wait_s: number;
  readonly quiet_s: number;
}

/**
 * Counts an attempt as a failure before it is made, so that many at once count too; `forgive` takes it back when it succeeds.
 * @throws DomainError RATE_LIMITED with `details.retryAfterSeconds` while any of the subjects has to pause; nothing is counted then
 */
export async function reserveAttempt(tx: Tx, subjects: readonly Subject[]): Promise<void> {
  const indexes = subjects.map(({ index }) => index);
  await tx.query(
    'INSERT INTO sign_in_attempt (subject, failures) SELECT unnest($1::bytea[]) AS s, 0 ORDER BY s ON CONFLICT DO NOTHING',
    [indexes],
  );
  const rows = await tx.query<AttemptRow>(
    `SELECT subject, failures, coalesce(ceil(extract(epoch FROM locked_until - now())), 0)::integer AS wait_s,
            extract(epoch FROM now() - created_at)::integer AS quiet_s
     FROM sign_in_attempt WHERE subject = ANY ($1::bytea[]) ORDER BY subject FOR UPDATE`,
    [indexes],
  );
  const retryAfterSeconds = Math.max(0, ...rows.map(({ wait_s: wait }) => wait));
  if (retryAfterSeconds > 0)
    throw new DomainError('RATE_LIMITED', {
      retryAfterSeconds,
      expected: 'the next attempt after retryAfterSeconds seconds',
    });
  for (const { kind, index } of subjects) {
    const row = rows.find(({ subject }) => subject.equals(index));
    const isForgotten = row === undefined || row.quiet_s > ALLOWANCES[kind].forgottenAfterS;
    const failures = (isForgotten ? 0 : row.failures) + 1;
    await tx.query(
      `UPDATE sign_in_attempt SET failures = $2, created_at = now(),
         locked_until = CASE WHEN $3 > 0 THEN now() + make_interval(secs => $3) END WHERE subject = $1`,
      [index, failures, pauseAfter(kind, failures)],
    );
  }
}

/** The attempt succeeded: a name or factor begins anew, an address is as it was before. */
export async function forgive(tx: Tx, subjects: readonly Subject[]): Promise<void> {
  for (const { kind, index } of subjects) {
    await tx.query(
      kind === 'ADDRESS'
        ? 'UPDATE sign_in_attempt SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE subject = $1'
        : 'DELETE FROM sign_in_attempt WHERE subject = $1',
      [index],
    );
  }
}
