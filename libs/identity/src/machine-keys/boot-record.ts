import type { EpochMs } from '#libs/kernel';

/** What is kept of one process of a machine. */
export interface BootRecord {
  readonly boot: string;
  /** By the machine's clock, as it signed. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly lastSequence: number;
  /** Bit n: the sequence n before the last one was here. 32 bits. */
  readonly seen: number;
  readonly address: string;
  /** By our clock. */
  readonly heardAt: EpochMs;
}

/** A request whose signature was found right. */
export interface Arrival {
  readonly boot: string;
  readonly sequence: number;
  readonly at: EpochMs;
  readonly address: string;
  readonly receivedAt: EpochMs;
}

/** How one identity shows in two places. */
export type CloneSign =
  /** An older process speaks while a newer one does. */
  | {
      readonly sign: 'TWO_PROCESSES';
      readonly boots: readonly [string, string];
      readonly addresses: readonly [string, string];
    }
  /** One process speaks from two networks within a minute. */
  | {
      readonly sign: 'TWO_ADDRESSES';
      readonly boots: readonly [string];
      readonly addresses: readonly [string, string];
    };

export type Verdict =
  | { readonly admitted: true; readonly record: BootRecord; readonly clone: CloneSign | null }
  | { readonly admitted: false; readonly why: 'SEQUENCE_SEEN' | 'SEQUENCE_TOO_OLD' }
  | { readonly admitted: false; readonly why: 'BOOT_BEGINS_IN_THE_PAST'; readonly after: EpochMs };

/** Requests of one process that may overtake each other: batches and health reports travel on two connections. */
const WINDOW = 32;
/** A line that fails over to another changes its address once, behind a silence; two places speak in turn. */
const TWO_ADDRESSES_WITHIN_MS = 60_000;

/**
 * Whether a request is new. Each sequence of a boot is taken once, at most 32 behind the newest (as RFC 4303, 3.4.3 has it for
 * packets); a boot that was never heard must begin later than the newest word of any other.
 * @param own what is kept of this boot
 * @param other of the machine's other boots the one that spoke last
 */
export function judge(arrival: Arrival, own: BootRecord | null, other: BootRecord | null): Verdict {
  const { boot, sequence, at, address, receivedAt } = arrival;
  if (own === null) {
    if (other !== null && at <= other.lastAt) {
      return { admitted: false, why: 'BOOT_BEGINS_IN_THE_PAST', after: other.lastAt };
    }
    const record = { boot, firstAt: at, lastAt: at, lastSequence: sequence, seen: 1, address, heardAt: receivedAt };
    return { admitted: true, record, clone: null };
  }
  const ahead = sequence - own.lastSequence;
  if (ahead <= -WINDOW) return { admitted: false, why: 'SEQUENCE_TOO_OLD' };
  if (ahead <= 0 && (own.seen >>> -ahead) & 1) return { admitted: false, why: 'SEQUENCE_SEEN' };
  const record: BootRecord = {
    boot,
    firstAt: Math.min(own.firstAt, at),
    lastAt: Math.max(own.lastAt, at),
    lastSequence: Math.max(own.lastSequence, sequence),
    seen: ahead > 0 ? shifted(own.seen, ahead) : (own.seen | (1 << -ahead)) >>> 0,
    address,
    heardAt: Math.max(own.heardAt, receivedAt),
  };
  return { admitted: true, record, clone: cloneSign(arrival, own, other) };
}

function shifted(seen: number, by: number): number {
  return by >= WINDOW ? 1 : ((seen << by) | 1) >>> 0;
}

function cloneSign(arrival: Arrival, own: BootRecord, other: BootRecord | null): CloneSign | null {
  // Each began before the other's last word: neither is the restart of the other.
  if (other !== null && own.firstAt <= other.lastAt && other.firstAt <= arrival.at) {
    return { sign: 'TWO_PROCESSES', boots: [own.boot, other.boot], addresses: [arrival.address, other.address] };
  }
  if (arrival.receivedAt - own.heardAt < TWO_ADDRESSES_WITHIN_MS && areTwoNetworks(arrival.address, own.address)) {
    return { sign: 'TWO_ADDRESSES', boots: [own.boot], addresses: [own.address, arrival.address] };
  }
  return null;
}

/** An IPv4 address is a place by itself; of an IPv6 address its /64: the rest changes by itself (RFC 8981). Between the two nothing can be said. */
export function areTwoNetworks(a: string, b: string): boolean {
  const [one, two] = [networkOf(a), networkOf(b)];
  return one.family === two.family && one.network !== two.network;
}

function networkOf(address: string): { readonly family: 4 | 6; readonly network: string } {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (!plain.includes(':')) return { family: 4, network: plain };
  const [head = '', tail] = plain.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back];
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return { family: 6, network: first.join(':') };
}
