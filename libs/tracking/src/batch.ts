import type { AssetRef, NewTrackingEvent } from '#libs/journal';
import type { ResolvedPass } from '#libs/gate';
import type { EpochMs } from '#libs/kernel';
import type { LanePass, RefusedInput } from '#libs/lane';
import type { FenceItem } from '#libs/geo';
import type { Observation, ReadingRef } from '#libs/telemetry';
import type { Tx } from '#libs/persistence';
import type { AssetStates } from './asset-states.js';
import type { BindingBook } from './binding-book.js';
import { assetKey } from './keys.js';
import type { TruckRecord, Unresolved } from './resolve-pass.js';
import type { Places } from './places.js';

/** One recording transaction under way; the stages of `ingest.ts` fill it from top to bottom. */
export interface Batch {
  readonly tx: Tx;
  readonly siteId: string;
  readonly places: Places;
  readonly receivedAt: EpochMs;

  /** What its tags, seals and receivers are bound to, and what is known of the trucks that they and the cameras name. */
  bindings: BindingBook;
  trucks: ReadonlyMap<string, TruckRecord>;
  /** Devices of its lanes that another terminal hears too. */
  elsewhere: readonly DeviceElsewhere[];

  observations: readonly ObservedAsset[];
  passes: readonly LanePass[];
  readonly refused: readonly RefusedInput[];

  /** Passes with truck and boxes named; a hand-made one starts here. */
  resolved: ResolvedPass[];
  readonly unresolved: { readonly passId: string; readonly laneId: string; readonly reading: Unresolved }[];
  /** What people said of unresolved readings. */
  readonly answers: ReadingAnswer[];
  states: AssetStates;
  /** Fixes and placements by asset key, not yet folded. */
  readonly fenceItems: Map<string, FenceItem[]>;
  /** Boxes by asset key whose ride came to be known after fixes of it were folded, with the moment to fold again from. */
  readonly refold: Map<string, EpochMs>;
  /** In the order in which they are to stand in the journal. */
  readonly events: NewTrackingEvent[];
  readonly alerts: NewAlert[];
}

/** A device whose lane is at one terminal, heard at another: either its name or its gateway's key was taken. */
export interface DeviceElsewhere {
  readonly deviceId: string;
  readonly siteId: string;
}

export interface ObservedAsset {
  readonly observation: Observation;
  /** null: nobody knows what it is about. */
  readonly asset: AssetRef | null;
}

export interface NewAlert {
  readonly id: string;
  readonly kind:
    | 'UNRESOLVED_OBSERVATION'
    | 'PASS_EXCEPTION'
    | 'DEVICE_CLOCK'
    | 'DEVICE_SIGNATURE'
    | 'DEVICE_REPLAY'
    | 'DEVICE_CLONED';
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL';
  readonly raisedAt: EpochMs;
  readonly laneId: string | null;
  readonly deviceId: string | null;
  readonly passId: string | null;
  readonly unresolvedId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A person named the box of a reading. */
export interface ReadingAnswer {
  readonly readingId: string;
  readonly seen: string;
  readonly ref: ReadingRef;
  readonly at: EpochMs;
  readonly laneId: string | null;
  readonly passId: string | null;
  readonly containerNumber: string;
  readonly personId: string;
}

export function addFenceItem(batch: Batch, asset: AssetRef, item: FenceItem): void {
  const key = assetKey(asset);
  const items = batch.fenceItems.get(key);
  if (items === undefined) batch.fenceItems.set(key, [item]);
  else items.push(item);
}
