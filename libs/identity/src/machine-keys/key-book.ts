import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { agree, confirmation, drawHalf } from '#libs/signing';
import type { SecretBox } from '../secret-box.js';
import { transition, type MachineKeyState } from './key-states.js';

/** How long the former key signs beside one that is not used: longer than a gateway is without its service. */
const OVERLAP_MS = 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** What a machine is told of its new key; the secret is what both make of the public values. */
export interface GivenKey {
  readonly keyId: string;
  readonly servicePublic: Buffer;
  readonly confirmation: string;
  readonly endsAt: Date | null;
}

export interface KeyRequest {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly machinePublic: Buffer;
  readonly validDays: number | null;
}

interface NewKeyRow {
  readonly id: string;
  readonly sealed: Buffer;
  readonly service_public: Buffer;
  readonly ends_at: Date | null;
}

/** All commands of one gateway's keys go one after the other. References to the row are not held up. */
export async function lockGateway(tx: Tx, gatewayId: string): Promise<void> {
  await tx.query('SELECT 1 FROM gateway WHERE id = $1 FOR NO KEY UPDATE', [gatewayId]);
}

export const contextOf = (keyId: string): string => `machine key ${keyId}`;

/**
 * A new key, in a transaction that holds the gateway. The one in use signs on until this one is used, or for 24 hours; one that
 * was not used ends. Asked for again with the same public value, as after a lost answer, it is the same key.
 * @throws DomainError INVALID_INPUT for a public value that is none
 */
export async function giveKey(tx: Tx, box: SecretBox, request: KeyRequest, now: EpochMs): Promise<GivenKey> {
  const { gatewayId, siteId, machinePublic, validDays } = request;
  const [given] = await tx.query<NewKeyRow>(
    `SELECT id, sealed, service_public, ends_at FROM machine_key
     WHERE gateway_id = $1 AND machine_public = $2 AND state = 'NEW'`,
    [gatewayId, machinePublic],
  );
  if (given !== undefined) {
    return {
      keyId: given.id,
      servicePublic: given.service_public,
      confirmation: confirmation(box.open(given.sealed, contextOf(given.id)), given.id),
      endsAt: given.ends_at,
    };
  }
  const half = drawHalf();
  const secret = agree({
    side: 'SERVICE',
    privateValue: half.privateValue,
    machinePublic,
    servicePublic: half.publicValue,
    machineId: gatewayId,
  });
  const keyId = newId();
  const endsAt = validDays === null ? null : new Date(now + validDays * DAY_MS);
  const { set, where } = transition('REPLACE');
  await tx.query(
    `UPDATE machine_key SET state = ${set}, change_asked_at = NULL, ends_at = least(ends_at, $2)
     WHERE gateway_id = $1 AND ${where}`,
    [gatewayId, new Date(now + OVERLAP_MS)],
  );
  await tx.query(
    `INSERT INTO machine_key (id, gateway_id, site_id, sealed, machine_public, service_public, valid_days, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [keyId, gatewayId, siteId, box.seal(secret, contextOf(keyId)), machinePublic, half.publicValue, validDays, endsAt],
  );
  return { keyId, servicePublic: half.publicValue, confirmation: confirmation(secret, keyId), endsAt };
}

/**
 * A new key in the place of the one that asks for it.
 * @throws DomainError CONFLICT when the key that asks is not in use any more, INVALID_INPUT for a public value that is none
 */
export async function changeKey(
  tx: Tx,
  box: SecretBox,
  asking: { readonly gatewayId: string; readonly keyId: string; readonly machinePublic: Buffer },
  now: EpochMs,
): Promise<GivenKey> {
  const { gatewayId, keyId, machinePublic } = asking;
  await lockGateway(tx, gatewayId);
  const [key] = await tx.query<{ site_id: string; valid_days: number | null }>(
    `SELECT site_id, valid_days FROM machine_key WHERE gateway_id = $1 AND id = $2 AND state IN ('ACTIVE', 'RETIRING')`,
    [gatewayId, keyId],
  );
  if (key === undefined) {
    throw new DomainError('CONFLICT', { field: 'boxtrail-key', value: keyId, expected: 'the key in use' });
  }
  const request = { gatewayId, siteId: key.site_id, machinePublic, validDays: key.valid_days };
  return giveKey(tx, box, request, now);
}

/** The first request that a new key signs ends the one before it, and the gateway's bearer token; behind it this does nothing. */
export async function useKey(tx: Tx, gatewayId: string, keyId: string): Promise<void> {
  const [outlive, use] = [transition('OUTLIVE'), transition('USE')];
  const isNew = `EXISTS (SELECT 1 FROM machine_key n WHERE n.id = $2 AND n.state = 'NEW')`;
  await Promise.all([
    tx.query(
      `UPDATE machine_key SET state = ${outlive.set} WHERE gateway_id = $1 AND id <> $2 AND ${outlive.where} AND ${isNew}`,
      [gatewayId, keyId],
    ),
    tx.query(
      `UPDATE gateway SET revoked_at = now() WHERE id = $1 AND token_hash IS NOT NULL AND revoked_at IS NULL AND ${isNew}`,
      [gatewayId, keyId],
    ),
    tx.query(
      `UPDATE machine_key SET state = ${use.set}, first_used_at = now() WHERE gateway_id = $1 AND id = $2 AND ${use.where}`,
      [gatewayId, keyId],
    ),
  ]);
}

/**
 * Its gateway is told at its next request to ask for a new key.
 * @returns the key to be changed
 * @throws DomainError NOT_FOUND when the gateway has no key in use
 */
export async function askForChange(tx: Tx, gatewayId: string): Promise<string> {
  const [asked] = await tx.query<{ id: string }>(
    `UPDATE machine_key SET change_asked_at = coalesce(change_asked_at, now())
     WHERE gateway_id = $1 AND state = 'ACTIVE' AND (ends_at IS NULL OR ends_at > now()) RETURNING id`,
    [gatewayId],
  );
  if (asked === undefined) {
    throw new DomainError(
      'NOT_FOUND',
      { field: 'gateway', value: gatewayId, expected: 'a gateway whose key is ACTIVE' },
      { message: `${gatewayId} has no key in use.` },
    );
  }
  return asked.id;
}

export interface Revocation {
  readonly gatewayId: string;
  /** null: all of them, and its code. */
  readonly keyId: string | null;
  /** null: the operator's tool. */
  readonly by: string | null;
  readonly reason: string;
}

/**
 * Ends keys for good; services take none that is older than some seconds.
 * @returns the keys that it ended
 * @throws DomainError NOT_FOUND when there is nothing to end
 */
export async function revokeKeys(tx: Tx, { gatewayId, keyId, by, reason }: Revocation): Promise<readonly string[]> {
  await lockGateway(tx, gatewayId);
  const { set, where } = transition('REVOKE');
  const revoked = await tx.query<{ id: string }>(
    `UPDATE machine_key SET state = ${set}, revoked_at = now(), revoked_by = $3, revoke_reason = $4
     WHERE gateway_id = $1 AND ($2::text IS NULL OR id::text = $2) AND ${where} RETURNING id`,
    [gatewayId, keyId, by, reason],
  );
  const withdrawn =
    keyId === null
      ? await tx.query(
          `UPDATE enrolment_code SET expires_at = now()
           WHERE gateway_id = $1 AND key_id IS NULL AND expires_at > now() RETURNING id`,
          [gatewayId],
        )
      : [];
  if (revoked.length + withdrawn.length === 0) {
    throw new DomainError(
      'NOT_FOUND',
      { field: keyId === null ? 'gateway' : 'key', value: keyId ?? gatewayId, expected: 'a key that signs' },
      { message: `${gatewayId} has no such key that signs.` },
    );
  }
  return revoked.map(({ id }) => id);
}

/** One key, without its secret. */
export interface KeyEntry {
  readonly id: string;
  readonly gatewayId: string;
  readonly siteId: string;
  readonly state: MachineKeyState;
  readonly createdAt: Date;
  readonly firstUsedAt: Date | null;
  readonly endsAt: Date | null;
  readonly revokedAt: Date | null;
}

const MOST_LISTED = 1_000;

/** Newest first, at most 1,000. */
export function listKeys(tx: Tx): Promise<KeyEntry[]> {
  return tx.query<KeyEntry>(
    `SELECT id, gateway_id AS "gatewayId", site_id AS "siteId", state, created_at AS "createdAt",
            first_used_at AS "firstUsedAt", ends_at AS "endsAt", revoked_at AS "revokedAt"
     FROM machine_key ORDER BY created_at DESC, id LIMIT ${MOST_LISTED}`,
  );
}
