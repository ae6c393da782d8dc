import { stateTable } from '#libs/kernel';

/** What a party may ask of a shipment; the table of parties says which. */
export type ShipmentCommandKind = 'SWAP' | 'ROLL_OVER' | 'SPLIT' | 'MERGE' | 'END' | 'GRANT';

export type ShipmentChangeKind =
  'BOOKED' | 'CONTAINER_SWAPPED' | 'ROLLED_OVER' | 'SPLIT' | 'MERGED' | 'CONTAINER_RELEASED' | 'ENDED';

export type ShipmentState = 'OPEN' | 'ENDED';

/** A booking begins; whatever else is done to a shipment is done while it is open. */
export const SHIPMENT_STATES = stateTable<ShipmentState, Exclude<ShipmentChangeKind, 'BOOKED'>>('OPEN', {
  OPEN: {
    means: 'Its boxes are under way with it, or will be.',
    meansZh: '进行中',
    to: {
      CONTAINER_SWAPPED: 'OPEN',
      ROLLED_OVER: 'OPEN',
      SPLIT: 'OPEN',
      CONTAINER_RELEASED: 'OPEN',
      MERGED: 'ENDED',
      ENDED: 'ENDED',
    },
  },
  ENDED: { means: 'Its time is over: it takes no change.', meansZh: '已结束', to: {} },
});

interface ChangeRow {
  readonly meaning: string;
  readonly meaningZh: string;
  /**
   * What becomes of every window on the boxes that it names, whoever's it is.
   * OPEN: begins; FOLLOW: ends, and goes on with the box that comes instead; MOVE: goes on under another shipment, from its
   * beginning; CLOSE: ends; KEEP: nothing.
   */
  readonly windows: 'OPEN' | 'FOLLOW' | 'MOVE' | 'CLOSE' | 'KEEP';
}

/**
 * What happens to a shipment. These are facts about papers, of no box at a place, for which the journal's vocabularies have no word:
 * DCSA has document events (a booking confirmed) and EPCIS transactions, neither of them an event of equipment. So they are kept as a
 * history of the shipment and not in the journal.
 */
export const SHIPMENT_CHANGES: Readonly<Record<ShipmentChangeKind, ChangeRow>> = {
  BOOKED: {
    meaning: 'It was booked with its boxes and parties.',
    meaningZh: '已订舱',
    windows: 'OPEN',
  },
  CONTAINER_SWAPPED: {
    meaning: 'Another box goes instead of one.',
    meaningZh: '换箱',
    windows: 'FOLLOW',
  },
  ROLLED_OVER: {
    meaning: 'It goes with another voyage.',
    meaningZh: '转船期',
    windows: 'KEEP',
  },
  SPLIT: {
    meaning: 'Some of its boxes go under a shipment of their own.',
    meaningZh: '拆票',
    windows: 'MOVE',
  },
  MERGED: {
    meaning: 'All its boxes go under another shipment.',
    meaningZh: '并票',
    windows: 'MOVE',
  },
  CONTAINER_RELEASED: {
    meaning: 'The platform operator took out a box that it held on to.',
    meaningZh: '平台解除占箱',
    windows: 'CLOSE',
  },
  ENDED: {
    meaning: 'Its time is over.',
    meaningZh: '已结束',
    windows: 'CLOSE',
  },
};

/** The change that each command makes; a grant makes none. */
export const CHANGE_OF: Readonly<Record<Exclude<ShipmentCommandKind, 'GRANT'>, Exclude<ShipmentChangeKind, 'BOOKED'>>> =
  {
    SWAP: 'CONTAINER_SWAPPED',
    ROLL_OVER: 'ROLLED_OVER',
    SPLIT: 'SPLIT',
    MERGE: 'MERGED',
    END: 'ENDED',
  };
