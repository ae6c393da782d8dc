import type { EpochMs } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import type { SignedRequest } from '#libs/signing';
import { judge, type BootRecord } from './boot-record.js';
import { lockGateway, useKey } from './key-book.js';
import { alarm, replayed, type MachineAlarm, type MachineSender } from './refusal.js';

interface BootRow {
  readonly boot: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly last_sequence: string;
  readonly seen: string;
  readonly address: string;
  readonly heard_at: Date;
}

const BOOT_COLUMNS = 'boot, first_at, last_at, last_sequence, seen, address, heard_at';

/** Its own boot, and of the others the one that spoke last. */
const BOOTS = `
SELECT ${BOOT_COLUMNS} FROM machine_boot WHERE gateway_id = $1 AND boot = $2
UNION ALL
(SELECT ${BOOT_COLUMNS} FROM machine_boot WHERE gateway_id = $1 AND boot <> $2 ORDER BY last_at DESC LIMIT 1)`;

const KEEP = `
INSERT INTO machine_boot (gateway_id, ${BOOT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (gateway_id, boot) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at,
  last_sequence = excluded.last_sequence, seen = excluded.seen, address = excluded.address, heard_at = excluded.heard_at`;

/** Where and when a request came in. */
export interface Arrived {
  readonly address: string;
  readonly receivedAt: EpochMs;
}

/**
 * Takes a request's sequence, in the transaction that records what it brings: what is rolled back was not taken, and what was
 * taken is refused for ever, by whichever process of the service. Requests of one gateway go one after the other.
 * @returns what shows that the machine is in two places; its request is taken all the same
 * @throws MachineRefusal REQUEST_REPLAYED
 */
export async function admit(
  tx: Tx,
  sender: MachineSender,
  request: SignedRequest,
  arrived: Arrived,
): Promise<MachineAlarm | null> {
  const { gatewayId, keyId } = sender;
  const [, rows] = await Promise.all([lockGateway(tx, gatewayId), tx.query<BootRow>(BOOTS, [gatewayId, request.boot])]);
  const [own, other] = splitBoots(rows, request.boot);
  const verdict = judge({ ...request, ...arrived }, own, other);
  if (!verdict.admitted) throw replayed(sender, request, verdict.why);
  const { record, clone } = verdict;
  await Promise.all([
    tx.query(KEEP, [
      gatewayId,
      record.boot,
      new Date(record.firstAt),
      new Date(record.lastAt),
      record.lastSequence,
      record.seen,
      record.address,
      new Date(record.heardAt),
    ]),
    sender.isNew ? useKey(tx, gatewayId, keyId) : undefined,
  ]);
  return clone === null ? null : alarm(sender, 'DEVICE_CLONED', { ...clone });
}

/** Whether a request that comes out of its time was here before; if not, its clock is wrong. */
export async function wasHere(database: Database, gatewayId: string, request: SignedRequest): Promise<boolean> {
  const rows = await database.readRecorded<BootRow>(BOOTS, [gatewayId, request.boot]);
  const [own] = splitBoots(rows, request.boot);
  return own !== null && !judge({ ...request, address: own.address, receivedAt: own.heardAt }, own, null).admitted;
}

function splitBoots(rows: readonly BootRow[], boot: string): [own: BootRecord | null, other: BootRecord | null] {
  const own = rows.find((row) => row.boot === boot);
  const other = rows.find((row) => row.boot !== boot);
  return [own === undefined ? null : recordOf(own), other === undefined ? null : recordOf(other)];
}

function recordOf(row: BootRow): BootRecord {
  return {
    boot: row.boot,
    firstAt: row.first_at.getTime(),
    lastAt: row.last_at.getTime(),
    lastSequence: Number(row.last_sequence),
    seen: Number(row.seen),
    address: row.address,
    heardAt: row.heard_at.getTime(),
  };
}
