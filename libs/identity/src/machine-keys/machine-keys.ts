import { systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { isSignedWith, type SignedRequest } from '#libs/signing';
import type { GatewayPrincipal } from '../principal.js';
import type { SecretBox } from '../secret-box.js';
import { ShortMemory } from '../short-memory.js';
import { wasHere } from './admission.js';
import { contextOf } from './key-book.js';
import { keySigns, type MachineKeyState } from './key-states.js';
import { endedKey, replayed, wrongClock, wrongSignature, type MachineSender } from './refusal.js';

/** How long a key's answer is reused: a revoked one works no longer than this. */
const KEEP_MS = 3_000;
const MAX_KEPT = 10_000;
/** How far a sender's clock may be from ours. */
export const CLOCK_WINDOW_MS = 5 * 60_000;
/** A key that ends by itself is changed when a quarter of its time is left. */
const CHANGE_AT = 0.25;

interface KnownKey extends GatewayPrincipal {
  readonly keyId: string;
  readonly state: MachineKeyState;
  readonly secret: Buffer;
  readonly endsAt: EpochMs;
  readonly changeAt: EpochMs;
}

interface KeyRow {
  readonly gateway_id: string;
  readonly site_id: string;
  readonly state: MachineKeyState;
  readonly sealed: Buffer;
  readonly created_at: Date;
  readonly ends_at: Date | null;
  readonly change_asked_at: Date | null;
}

/** Signed requests to the machines that signed them. Secrets are open in this process's memory alone, for seconds. */
export class MachineKeys {
  private readonly keys: ShortMemory<KnownKey>;

  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly clock: Clock = systemClock,
  ) {
    this.keys = new ShortMemory(clock, KEEP_MS, MAX_KEPT);
  }

  /**
   * Who signed. The request is not taken yet: its body is to be compared with its digest, and `admit` takes its sequence.
   * @throws MachineRefusal UNAUTHENTICATED for a key or signature that is not right, CLOCK_SKEW {serverTime} for one out of its
   *   time, REQUEST_REPLAYED for one out of its time that was here
   */
  async recognise(request: SignedRequest): Promise<MachineSender> {
    const key = await this.keys.get(request.keyId, () => this.load(request.keyId));
    if (key.gatewayId !== request.machineId || !isSignedWith(request, key.secret)) throw wrongSignature(key);
    const now = this.clock.now();
    const { keyId, gatewayId, siteId, state } = key;
    if (!keySigns(state) || key.endsAt <= now) throw endedKey(state === 'REVOKED');
    if (Math.abs(request.at - now) > CLOCK_WINDOW_MS) {
      const repeated = await wasHere(this.database, gatewayId, request);
      throw repeated ? replayed(key, request, 'SEQUENCE_SEEN') : wrongClock(key, request, now, CLOCK_WINDOW_MS);
    }
    return {
      gatewayId,
      siteId,
      keyId,
      isNew: state === 'NEW',
      shouldChange: state === 'ACTIVE' && key.changeAt <= now,
    };
  }

  private async load(keyId: string): Promise<KnownKey> {
    const [row] = await this.database.readRecorded<KeyRow>(KEY_BY_ID, [keyId]);
    if (row === undefined) throw wrongSignature(null);
    const endsAt = row.ends_at?.getTime() ?? Number.POSITIVE_INFINITY;
    return {
      keyId,
      gatewayId: row.gateway_id,
      siteId: row.site_id,
      state: row.state,
      secret: this.box.open(row.sealed, contextOf(keyId)),
      endsAt,
      changeAt: row.change_asked_at?.getTime() ?? changeAt(row),
    };
  }
}

const KEY_BY_ID = `
SELECT gateway_id, site_id, state, sealed, created_at, ends_at, change_asked_at FROM machine_key WHERE id = $1`;

function changeAt({ created_at: from, ends_at: to }: KeyRow): EpochMs {
  return to === null ? Number.POSITIVE_INFINITY : to.getTime() - (to.getTime() - from.getTime()) * CHANGE_AT;
}
