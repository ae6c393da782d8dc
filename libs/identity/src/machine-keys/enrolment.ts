import { createHash, randomInt } from 'node:crypto';
import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { SecretBox } from '../secret-box.js';
import { registerGateway } from '../token-book.js';
import { giveKey, lockGateway, type GivenKey } from './key-book.js';
import { alarm, MachineRefusal } from './refusal.js';

/** Crockford's base 32: without I, L, O and U, so that it can be read out over a telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
/** Four groups of five: 100 random bits, so a plain SHA-256 is enough to keep it by. */
const GROUP_LENGTH = 5;
const MAX_CODE_LENGTH = 64;
const MINUTE_MS = 60_000;

export const CODE_MINUTES = { usual: 30, most: 24 * 60 } as const;
export const KEY_DAYS_MOST = 3_650;

export interface EnrolmentOffer {
  readonly gatewayId: string;
  readonly siteId: string;
  /** How long the code can be used, 1 to 1,440. */
  readonly minutes: number;
  /** Of the keys that come of it; null: they do not end by themselves. */
  readonly keyDays: number | null;
  /** null: the operator's tool. */
  readonly drawnBy: string | null;
}

export interface EnrolmentCode {
  readonly codeId: string;
  /** Told once, stored nowhere. */
  readonly code: string;
  readonly expiresAt: Date;
}

/**
 * Makes a gateway known at its site and draws a code for it; one that was drawn for it before and not used is withdrawn.
 * @throws DomainError INVALID_INPUT for a time out of bounds, NOT_FOUND for an unknown site, CONFLICT when the gateway is of another site
 */
export async function drawEnrolmentCode(tx: Tx, offer: EnrolmentOffer, now: EpochMs): Promise<EnrolmentCode> {
  const { gatewayId, siteId, minutes, keyDays, drawnBy } = offer;
  checkBound('minutes', minutes, CODE_MINUTES.most);
  if (keyDays !== null) checkBound('keyDays', keyDays, KEY_DAYS_MOST);
  await registerGateway(tx, gatewayId, siteId);
  await lockGateway(tx, gatewayId);
  const code = Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');
  const drawn = { codeId: newId(), code, expiresAt: new Date(now + minutes * MINUTE_MS) };
  await tx.query(
    `UPDATE enrolment_code SET expires_at = least(expires_at, $2) WHERE gateway_id = $1 AND key_id IS NULL`,
    [gatewayId, new Date(now)],
  );
  await tx.query(
    `INSERT INTO enrolment_code (id, code_hash, gateway_id, site_id, valid_days, drawn_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [drawn.codeId, codeHash(code), gatewayId, siteId, keyDays, drawnBy, drawn.expiresAt],
  );
  return drawn;
}

export interface EnrolmentRequest {
  readonly code: string;
  readonly gatewayId: string;
  readonly siteId: string;
  readonly machinePublic: Buffer;
}

interface CodeRow {
  readonly id: string;
  readonly gateway_id: string;
  readonly site_id: string;
  readonly valid_days: number | null;
  readonly expires_at: Date;
  readonly key_id: string | null;
  readonly same_machine: boolean;
}

/**
 * Exchanges a code for a key, once. The same machine with the same public value, whose answer was lost, gets the same key again.
 * @throws MachineRefusal UNAUTHENTICATED, alike for a code that is unknown, of another gateway or site, too old or used; with an alarm
 *   for the last, which somebody else must have seen
 */
export async function exchangeCode(tx: Tx, box: SecretBox, told: EnrolmentRequest, now: EpochMs): Promise<GivenKey> {
  const { code, gatewayId, siteId, machinePublic } = told;
  await lockGateway(tx, gatewayId);
  const [row] = await tx.query<CodeRow>(
    `SELECT c.id, c.gateway_id, c.site_id, c.valid_days, c.expires_at, c.key_id,
            coalesce(k.state = 'NEW' AND k.machine_public = $2, false) AS same_machine
     FROM enrolment_code c LEFT JOIN machine_key k ON k.id = c.key_id WHERE c.code_hash = $1 FOR UPDATE OF c`,
    [codeHash(code), machinePublic],
  );
  if (row?.gateway_id !== gatewayId || row.site_id !== siteId) throw refused(null);
  if (row.key_id !== null && !row.same_machine) throw refused(row);
  if (row.key_id === null && row.expires_at.getTime() <= now) throw refused(null);
  const key = await giveKey(tx, box, { gatewayId, siteId, machinePublic, validDays: row.valid_days }, now);
  await tx.query('UPDATE enrolment_code SET key_id = $2 WHERE id = $1', [row.id, key.keyId]);
  return key;
}

function refused(used: CodeRow | null): MachineRefusal {
  return new MachineRefusal(
    'UNAUTHENTICATED',
    { field: 'code', expected: 'a code that was drawn for this gateway, is not too old and was not used' },
    used === null
      ? null
      : alarm({ gatewayId: used.gateway_id, siteId: used.site_id, keyId: used.key_id }, 'DEVICE_SIGNATURE', {
          reason: 'CODE_USED_AGAIN',
        }),
  );
}

/** As people write it: in either case, with or without hyphens, O for 0 and I or L for 1. */
function codeHash(code: string): Buffer {
  const plain = code
    .slice(0, MAX_CODE_LENGTH)
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(plain).digest();
}

function checkBound(field: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new DomainError('INVALID_INPUT', { field, value, expected: `1 to ${most}` });
  }
}
