import type { FenceIndex } from './fence-index.js';
import type { AssetFenceState, FenceEvent, FenceItem, FencePolicy, Verdict } from './fence-model.js';
import { byTimeAndKey, byTimeKindAndZone } from './fence-order.js';
import { place, step } from './fence-rules.js';

export interface Folded {
  readonly state: AssetFenceState;
  /** By time, then kind, then zone. */
  readonly events: readonly FenceEvent[];
  /** Items that were not folded, by key; a jump is listed too. */
  readonly unused: readonly { readonly key: string; readonly verdict: Exclude<Verdict, 'USED'> }[];
}

/**
 * Folds a set of items in the order of time and key, whatever the order in which they are given; an item that comes
 * twice counts once. A late fix is handled by folding again, from the state before it, with it in the set.
 */
export function foldFixes(
  initial: AssetFenceState,
  items: Iterable<FenceItem>,
  index: FenceIndex,
  policy: FencePolicy,
): Folded {
  const events: FenceEvent[] = [];
  const unused: { key: string; verdict: Exclude<Verdict, 'USED'> }[] = [];
  let state = initial;
  let before: FenceItem | null = null;
  for (const item of [...items].sort(byTimeAndKey)) {
    if (before !== null && before.at === item.at && before.key === item.key) {
      continue;
    }
    before = item;
    const done = item.kind === 'FIX' ? step(state, item, index, policy) : place(state, item);
    state = done.state;
    events.push(...done.events);
    if (done.verdict !== 'USED') {
      unused.push({ key: item.key, verdict: done.verdict });
    }
  }
  return { state, events: events.sort(byTimeKindAndZone), unused };
}

/** What a new fold changes about the events told so far, compared by kind, zone and time (promise 3). */
export interface FenceCorrection {
  readonly added: readonly FenceEvent[];
  readonly withdrawn: readonly FenceEvent[];
}

export function correctionOf(told: readonly FenceEvent[], now: readonly FenceEvent[]): FenceCorrection {
  const toldNames = new Set(told.map(nameOf));
  const nowNames = new Set(now.map(nameOf));
  return {
    added: now.filter((event) => !toldNames.has(nameOf(event))),
    withdrawn: told.filter((event) => !nowNames.has(nameOf(event))),
  };
}

function nameOf(event: FenceEvent): string {
  return JSON.stringify([event.kind, event.zoneId, event.at, event.kind === 'ZoneCrossed' ? event.exitedAt : null]);
}
