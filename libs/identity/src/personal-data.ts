import { DomainError } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import type { Vault } from './cryptography/vault.js';

interface DatumRow {
  /** Whether a person is found by it: then no two people have the same. */
  readonly isFoundBy: boolean;
  readonly mostCharacters: number;
  /** One spelling of what means the same; null for what is no such datum. */
  readonly normalise: (text: string) => string | null;
  readonly expected: string;
}

const asWritten = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** Everything personal that is kept of people, and nowhere else than in `personal_datum`. */
export const DATUM_KINDS = {
  DISPLAY_NAME: { isFoundBy: false, mostCharacters: 200, normalise: asWritten, expected: '1 to 200 characters' },
  E_MAIL: {
    isFoundBy: false,
    mostCharacters: 254,
    normalise: (text) => (/^[^\s@]+@[^\s@]+$/.test(text.trim()) ? text.trim() : null),
    expected: 'an e-mail address',
  },
  LOGIN_NAME: {
    isFoundBy: true,
    mostCharacters: 100,
    normalise: (text) => asWritten(text.normalize('NFKC').toLowerCase()),
    expected: '1 to 100 characters; case does not matter',
  },
  PHONE: { isFoundBy: true, mostCharacters: 30, normalise: e164, expected: '+8613800000000 (E.164), or 13800000000' },
  /** `issuer`, a line's end, and the value of the claim that the issuer's configuration names. */
  OIDC_SUBJECT: { isFoundBy: true, mostCharacters: 600, normalise: asWritten, expected: 'an issuer and its subject' },
  /** SHA-256 of the certificate's public key (SubjectPublicKeyInfo), hex: a renewed certificate of one key is the same. */
  CERTIFICATE: {
    isFoundBy: true,
    mostCharacters: 64,
    normalise: (text) => (/^[0-9a-f]{64}$/.test(text) ? text : null),
    expected: 'a certificate',
  },
} as const satisfies Record<string, DatumRow>;

export type DatumKind = keyof typeof DATUM_KINDS;
export type PersonalData = Readonly<Partial<Record<DatumKind, string>>>;

/** ITU-T E.164: at most 15 digits. A number of the mainland's mobile networks may come without its country. */
function e164(text: string): string | null {
  const bare = text.replaceAll(/[\s().-]/g, '');
  const number = /^1[3-9]\d{9}$/.test(bare) ? `+86${bare}` : bare;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null;
}

/** @throws DomainError INVALID_INPUT */
export function normalisedDatum(kind: DatumKind, text: string, field: string): string {
  const { mostCharacters, normalise, expected } = DATUM_KINDS[kind];
  const normal = text.length > mostCharacters ? null : normalise(text);
  if (normal === null) throw new DomainError('INVALID_INPUT', { field, expected });
  return normal;
}

/** null for a text that cannot be anybody's. */
export function indexOf(vault: Vault, kind: DatumKind, text: string): Buffer | null {
  const { mostCharacters, normalise } = DATUM_KINDS[kind];
  const normal = text.length > mostCharacters ? null : normalise(text);
  return normal === null ? null : vault.blindIndex(kind, normal);
}

const boundTo = (personId: string, kind: string): string => `${personId}/${kind}`;

/**
 * The person's data key, drawn when there is none yet.
 * @throws DomainError CONFLICT when it was destroyed, or is another installation's
 */
export async function dataKeyOf(tx: Tx, vault: Vault, personId: string): Promise<Buffer> {
  const drawn = vault.drawKey(personId);
  await tx.query('INSERT INTO person_key (person_id, wrapped) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING', [
    personId,
    drawn.wrapped,
  ]);
  const [kept] = await tx.query<{ wrapped: Buffer | null }>(
    'SELECT wrapped FROM person_key WHERE person_id = $1 FOR SHARE',
    [personId],
  );
  const key = kept?.wrapped ? vault.unwrap(kept.wrapped, personId) : null;
  if (key === null) throw new DomainError('CONFLICT', { field: 'person', expected: 'a person who was not erased' });
  return key;
}

/** Something else of a person's that is kept sealed: `use` tells it from others. */
export async function sealFor(tx: Tx, vault: Vault, personId: string, use: string, text: Uint8Array): Promise<Buffer> {
  return vault.suite.seal(await dataKeyOf(tx, vault, personId), text, boundTo(personId, use));
}

/** What was sealed with a person's key; null when the key is destroyed or another installation's. */
export function openFor(
  vault: Vault,
  personId: string,
  use: string,
  { wrapped, sealed }: { readonly wrapped: Buffer | null; readonly sealed: Buffer | null },
): Buffer | null {
  if (wrapped === null || sealed === null) return null;
  const key = vault.unwrap(wrapped, personId);
  return key === null ? null : vault.suite.open(key, sealed, boundTo(personId, use));
}

/**
 * Keeps data of a person, each in the place of the one of its kind before.
 * @throws DomainError INVALID_INPUT; CONFLICT when somebody else is found by it, or the person was erased
 */
export async function keepPersonalData(tx: Tx, vault: Vault, personId: string, data: PersonalData): Promise<void> {
  const key = await dataKeyOf(tx, vault, personId);
  for (const [kind, text] of Object.entries(data) as [DatumKind, string][]) {
    const normal = normalisedDatum(kind, text, kind);
    const index = DATUM_KINDS[kind].isFoundBy ? vault.blindIndex(kind, normal) : null;
    await tx.query('DELETE FROM personal_datum WHERE person_id = $1 AND kind = $2', [personId, kind]);
    const kept = await tx.query(
      `INSERT INTO personal_datum (person_id, kind, sealed, blind_index) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [personId, kind, vault.suite.seal(key, Buffer.from(normal), boundTo(personId, kind)), index],
    );
    if (kept.length === 0) {
      // Told although it may be of another organisation: people sign in by it without naming theirs, and this one could not.
      throw new DomainError(
        'CONFLICT',
        { field: kind, expected: 'one that nobody else has' },
        { message: `Somebody else has this ${kind}.` },
      );
    }
  }
}

/** Of a person `p`: what `displayNameOf` reads. */
export const NAME_COLUMNS = `p.display_name AS clear_name,
  (SELECT k.wrapped FROM person_key k WHERE k.person_id = p.id) AS wrapped,
  (SELECT d.sealed FROM personal_datum d WHERE d.person_id = p.id AND d.kind = 'DISPLAY_NAME') AS sealed`;

export interface NameRow {
  readonly clear_name: string | null;
  readonly wrapped: Buffer | null;
  readonly sealed: Buffer | null;
}

/** A person's name; whoever was erased is told by their reference. */
export function displayNameOf(vault: Vault, personId: string, row: NameRow): string {
  return row.clear_name ?? openFor(vault, personId, 'DISPLAY_NAME', row)?.toString() ?? personId;
}

/** Few enough that nobody waits for them. */
const NAMES_AT_ONCE = 500;

/** Seals the names that stand in clear from before personal data were sealed. */
export async function sealClearNames(database: Database, vault: Vault): Promise<void> {
  let sealed = NAMES_AT_ONCE;
  while (sealed === NAMES_AT_ONCE) {
    sealed = await database.write(async (tx) => {
      const rows = await tx.query<{ id: string; name: string }>(
        `SELECT id, display_name AS name FROM person WHERE display_name IS NOT NULL LIMIT ${NAMES_AT_ONCE} FOR UPDATE SKIP LOCKED`,
      );
      for (const { id, name } of rows) {
        await keepPersonalData(tx, vault, id, { DISPLAY_NAME: name });
        await tx.query('UPDATE person SET display_name = NULL WHERE id = $1', [id]);
      }
      return rows.length;
    });
  }
}

/**
 * Destroys a person's data key with all that was sealed with it, ends their sessions and tokens. The reference stays, and with it
 * the journal, the passes and the audit as they are.
 * @throws DomainError NOT_FOUND
 */
export async function erasePerson(tx: Tx, personId: string): Promise<void> {
  const known = await tx.query('UPDATE person SET display_name = NULL WHERE id = $1 RETURNING 1', [personId]);
  if (known.length === 0) throw new DomainError('NOT_FOUND', { field: 'person' });
  await tx.query(
    `INSERT INTO person_key (person_id, wrapped, destroyed_at) VALUES ($1, NULL, now())
     ON CONFLICT (person_id) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(person_key.destroyed_at, now())`,
    [personId],
  );
  for (const table of ['personal_datum', 'password', 'second_factor', 'recovery_code', 'one_time_code']) {
    await tx.query(`DELETE FROM ${table} WHERE person_id = $1`, [personId]);
  }
  await tx.query('UPDATE session SET ended_at = coalesce(ended_at, now()), address = NULL WHERE person_id = $1', [
    personId,
  ]);
  await tx.query(`UPDATE access_token SET revoked_at = coalesce(revoked_at, now()), name = '' WHERE person_id = $1`, [
    personId,
  ]);
}
