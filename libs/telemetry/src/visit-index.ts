import type { EpochMs } from '#libs/kernel';

/**
 * The visits that are open, as a tree of a fixed depth: a visit's place is told by three hexadecimal digits of its hash.
 *
 *   node ── 16 nodes ── 16 nodes ── 16 lists of visits
 *
 * Plain JSON, and never changed in place: taking one read copies the three nodes above its visit and shares all the rest, so a
 * read costs the same whether ten or four thousand visits are open. Each node knows the bounds of what lies below it, so
 * that what is due, and the oldest, are found without looking at the others.
 */
export interface VisitNode<V> extends Bounds {
  readonly below: readonly (VisitNode<V> | VisitList<V> | null)[];
}

export interface VisitList<V> extends Bounds {
  readonly visits: readonly V[];
}

interface Bounds {
  /** No deadline below lies before this; `NEVER`: nothing is waited for. It may be too early, for a read moves a deadline on. */
  readonly quietUntil: EpochMs;
  /** When the oldest visit below was opened, exactly. */
  readonly oldestAt: EpochMs;
}

/** Later than every clock, and a number that JSON can write. */
export const NEVER: EpochMs = Number.MAX_VALUE;

const FAN_OUT = 16;
const DEPTH = 3;
const BITS = 4;

export const NO_VISITS: VisitNode<never> = {
  quietUntil: NEVER,
  oldestAt: NEVER,
  below: new Array<null>(FAN_OUT).fill(null),
};

/** What the tree must know of a visit. */
export interface VisitPlace {
  readonly deviceId: string;
  readonly antenna: number;
  readonly epc: string;
  readonly openedAt: EpochMs;
}

type Part<V> = VisitNode<V> | VisitList<V>;
type Tag = Pick<VisitPlace, 'deviceId' | 'antenna' | 'epc'>;

/** FNV-1a over EPC, device and antenna, folded to twelve bits. */
export function visitHash({ deviceId, antenna, epc }: Tag): number {
  let hash = 0x811c9dc5 ^ antenna;
  for (let i = 0; i < epc.length; i++) hash = Math.imul(hash ^ epc.charCodeAt(i), 0x01000193);
  for (let i = 0; i < deviceId.length; i++) hash = Math.imul(hash ^ deviceId.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 12) ^ (hash >>> 24)) & 0xfff;
}

export function findVisit<V extends VisitPlace>(root: VisitNode<V>, hash: number, tag: Tag): V | undefined {
  let part: Part<V> | null = root;
  for (let level = 0; part !== null && 'below' in part; level++) part = part.below[digit(hash, level)] ?? null;
  return part?.visits.find((visit) => isSame(visit, tag));
}

/** With this visit in the place of the one of the same tag, if there is one. */
export function putVisit<V extends VisitPlace>(
  root: VisitNode<V>,
  hash: number,
  visit: V,
  deadline: EpochMs,
): VisitNode<V> {
  return putInNode(root, hash, visit, deadline, 0);
}

function putInNode<V extends VisitPlace>(
  node: VisitNode<V> | null,
  hash: number,
  visit: V,
  deadline: EpochMs,
  level: number,
): VisitNode<V> {
  const slot = digit(hash, level);
  const below: (Part<V> | null)[] = (node ?? NO_VISITS).below.slice();
  const old = below[slot] ?? null;
  if (level === DEPTH - 1) {
    const list = old !== null && 'visits' in old ? old : null;
    below[slot] = {
      quietUntil: Math.min(list?.quietUntil ?? NEVER, deadline),
      oldestAt: Math.min(list?.oldestAt ?? NEVER, visit.openedAt),
      visits: withVisit(list?.visits ?? [], visit),
    };
  } else {
    below[slot] = putInNode(old !== null && 'below' in old ? old : null, hash, visit, deadline, level + 1);
  }
  return {
    quietUntil: Math.min(node?.quietUntil ?? NEVER, deadline),
    oldestAt: Math.min(node?.oldestAt ?? NEVER, visit.openedAt),
    below,
  };
}

function withVisit<V extends VisitPlace>(visits: readonly V[], visit: V): readonly V[] {
  const index = visits.findIndex((other) => isSame(other, visit));
  return index < 0 ? [...visits, visit] : visits.with(index, visit);
}

/**
 * Takes out the visits whose deadline is ≤ `at`, and gives them in no order. The bounds of every part that was looked at are
 * exact afterwards, so a visit is looked at about once in each of its time-outs, however often it is read.
 */
export function takeDue<V extends VisitPlace>(root: VisitNode<V>, at: EpochMs, deadlineOf: (visit: V) => EpochMs) {
  return take(
    root,
    ({ quietUntil }) => quietUntil <= at,
    (visit) => deadlineOf(visit) <= at,
    deadlineOf,
  );
}

/** Takes out the visits that the predicate names, and gives them in no order. Looks at all of them. */
export function takeNamed<V extends VisitPlace>(
  root: VisitNode<V>,
  isNamed: (visit: V) => boolean,
  deadlineOf: (visit: V) => EpochMs,
) {
  return take(root, () => true, isNamed, deadlineOf);
}

/** Takes out the visit that was opened first; of several, the one that the comparison puts first. */
export function takeOldest<V extends VisitPlace>(
  root: VisitNode<V>,
  compare: (a: V, b: V) => number,
  deadlineOf: (visit: V) => EpochMs,
) {
  const mayHold = ({ oldestAt }: Bounds): boolean => oldestAt <= root.oldestAt;
  const oldest: V[] = [];
  const look = (part: Part<V> | null): void => {
    if (part === null || !mayHold(part)) return;
    if ('below' in part) part.below.forEach(look);
    else oldest.push(...part.visits.filter(({ openedAt }) => openedAt === root.oldestAt));
  };
  look(root);
  const [first] = oldest.sort(compare);
  return take(root, mayHold, (visit) => visit === first, deadlineOf);
}

function take<V extends VisitPlace>(
  root: VisitNode<V>,
  mayHold: (bounds: Bounds) => boolean,
  isTaken: (visit: V) => boolean,
  deadlineOf: (visit: V) => EpochMs,
): { readonly root: VisitNode<V>; readonly taken: readonly V[] } {
  const taken: V[] = [];
  const sieve = (part: Part<V> | null): Part<V> | null => {
    if (part === null || !mayHold(part)) return part;
    if ('below' in part) {
      const below = part.below.map(sieve);
      return below.every((child) => child === null) ? null : { ...boundsOf(below), below };
    }
    const visits = part.visits.filter((visit) => !isTaken(visit));
    if (visits.length < part.visits.length) taken.push(...part.visits.filter(isTaken));
    if (visits.length === 0) return null;
    const bounds = visits.map((visit) => ({ quietUntil: deadlineOf(visit), oldestAt: visit.openedAt }));
    return { ...boundsOf(bounds), visits };
  };
  const left = sieve(root);
  return { root: left !== null && 'below' in left ? left : NO_VISITS, taken };
}

function boundsOf(parts: readonly (Bounds | null)[]): Bounds {
  let quietUntil = NEVER;
  let oldestAt = NEVER;
  for (const part of parts) {
    if (part === null) continue;
    if (part.quietUntil < quietUntil) quietUntil = part.quietUntil;
    if (part.oldestAt < oldestAt) oldestAt = part.oldestAt;
  }
  return { quietUntil, oldestAt };
}

function digit(hash: number, level: number): number {
  return (hash >>> (BITS * level)) & (FAN_OUT - 1);
}

function isSame(a: Tag, b: Tag): boolean {
  return a.epc === b.epc && a.antenna === b.antenna && a.deviceId === b.deviceId;
}
