import { DomainError, type ErrorCode, type ErrorDetails } from '#libs/kernel';
import type { SignedRequest } from '#libs/signing';
import type { GatewayPrincipal } from '../principal.js';

/** A machine whose signature was found right. */
export interface MachineSender extends GatewayPrincipal {
  readonly keyId: string;
  /** Its key has not signed anything before. */
  readonly isNew: boolean;
  /** It should ask for another key. */
  readonly shouldChange: boolean;
}

/** What somebody at the gate's terminal must be told of a machine's requests. */
export interface MachineAlarm {
  readonly kind: 'DEVICE_SIGNATURE' | 'DEVICE_REPLAY' | 'DEVICE_CLONED' | 'DEVICE_CLOCK';
  readonly gatewayId: string;
  readonly siteId: string;
  /** A new key makes it a new alarm. */
  readonly keyId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A request that is not taken, and the alarm that this is worth; null: a fault without an enemy. */
export class MachineRefusal extends DomainError {
  constructor(
    code: ErrorCode,
    details: ErrorDetails,
    readonly alarm: MachineAlarm | null,
  ) {
    super(code, details);
  }
}

type KeyHolder = Pick<MachineAlarm, 'gatewayId' | 'siteId' | 'keyId'>;

/**
 * Alike for a key that nobody has and a signature that is not its own.
 * @param holder of a key that is known: somebody uses its name without it, or changed what it said
 */
export function wrongSignature(holder: KeyHolder | null, what: 'REQUEST' | 'BODY' = 'REQUEST'): MachineRefusal {
  const expected = 'the signature of a key that is known here, over this request and its body';
  return new MachineRefusal(
    'UNAUTHENTICATED',
    { field: 'boxtrail-signature', reason: 'SIGNATURE', expected },
    holder === null ? null : alarm(holder, 'DEVICE_SIGNATURE', { reason: `${what}_NOT_SIGNED` }),
  );
}

/** The signature is right, and the key is one no longer. */
export function endedKey(isRevoked: boolean): MachineRefusal {
  const reason = isRevoked ? 'KEY_REVOKED' : 'KEY_ENDED';
  return new MachineRefusal('UNAUTHENTICATED', { field: 'boxtrail-key', reason, expected: 'a key that signs' }, null);
}

export function replayed(holder: KeyHolder, { boot, sequence, at }: SignedRequest, reason: string): MachineRefusal {
  const expected = 'a sequence that was not here, of a boot that begins behind all others';
  return new MachineRefusal(
    'REQUEST_REPLAYED',
    { field: 'boxtrail-sequence', value: sequence, reason, expected },
    alarm(holder, 'DEVICE_REPLAY', { reason, boot, sequence, signedAt: new Date(at).toISOString() }),
  );
}

/** @param now by our clock, which the sender is told */
export function wrongClock(holder: KeyHolder, { at }: SignedRequest, now: number, windowMs: number): MachineRefusal {
  const [serverTime, value] = [new Date(now).toISOString(), new Date(at).toISOString()];
  return new MachineRefusal(
    'CLOCK_SKEW',
    { field: 'boxtrail-time', value, serverTime, expected: `within ${windowMs / 1_000} s of serverTime` },
    alarm(holder, 'DEVICE_CLOCK', { told: value, serverTime }),
  );
}

export function alarm(
  { gatewayId, siteId, keyId }: KeyHolder,
  kind: MachineAlarm['kind'],
  details: MachineAlarm['details'],
): MachineAlarm {
  return { kind, gatewayId, siteId, keyId, details: { gatewayId, ...details } };
}
