import type { EpochMs } from '#libs/kernel';
import {
  advance,
  createPipelineState,
  onReading,
  quietUntil,
  reconfigure,
  type PipelineConfig,
  type PipelineItem,
  type PipelineState,
  type PipelineStep,
  type UplinkItem,
} from '#libs/lane';
import type { SpoolEntry } from './entries.js';
import { hear, type Heard } from './heard.js';

/** To be raised whenever the same readings would give other items than before: a new stream begins then. */
export const PIPELINE_VERSION = 2;

const DAY_MS = 24 * 3_600_000;

/** All that a replay needs to go on behind a record. JSON. */
export interface FoldState {
  readonly pipeline: PipelineState;
  /** By device: what it has said, so that a line sent again is one reading. */
  readonly heard: Readonly<Record<string, Heard>>;
  /** JSON text of the configuration that `pipeline` was made with. */
  readonly config: string;
  /** Milliseconds in which nobody listened, since the spool began. */
  readonly downMs: number;
  /** False from a boot until its lines are open: the pipeline's clock stands still. */
  readonly listening: boolean;
  /** `receivedAt` of the last record. */
  readonly lastAt: EpochMs;
  /** Number of the last item that was made; they count from 1 over everything that one spool made. */
  readonly lastItem: number;
}

export interface FoldStep {
  readonly state: FoldState;
  readonly items: readonly UplinkItem[];
}

/**
 * One record's effect. The pipeline's clock is `receivedAt` less the time in which nobody listened,
 * so that a device's silence while the gateway was down closes no visit and no session.
 *
 * A changed configuration takes effect at the boot record that carries it: what has no place under the new one is ended there.
 * Items get their numbers here, in one row over the pipeline's and refused input.
 */
export function fold(before: FoldState, entry: SpoolEntry): FoldStep {
  const receivedAt = Math.max(before.lastAt, entry.receivedAt);
  const made: PipelineItem[] = [];
  let { pipeline, config, downMs, heard, listening } = before;
  if (!listening) downMs += receivedAt - before.lastAt;
  const take = (step: PipelineStep): void => {
    pipeline = step.state;
    made.push(...step.items);
  };
  switch (entry.kind) {
    case 'boot': {
      if (listening) downMs += receivedAt - before.lastAt;
      listening = false;
      const wanted = JSON.stringify(entry.config);
      if (wanted !== config) {
        take(reconfigure(pipeline, entry.config));
        config = wanted;
      }
      break;
    }
    case 'listening':
      listening = true;
      break;
    case 'reading': {
      const { deviceId } = entry.reading;
      const said = hear(heard[deviceId], entry.reading);
      if (said.isRepeat) break;
      heard = { ...heard, [deviceId]: said.heard };
      take(onReading(pipeline, entry.reading, receivedAt - downMs));
      break;
    }
    case 'refused':
      made.push({ kind: 'refused', refused: entry.refused });
      break;
    case 'tick':
      take(advance(pipeline, receivedAt - downMs));
      break;
  }
  const items = made.map((item, index): UplinkItem => ({ ...item, sequence: before.lastItem + 1 + index }));
  return {
    state: { pipeline, heard, config, downMs, listening, lastAt: receivedAt, lastItem: before.lastItem + items.length },
    items,
  };
}

/** A moment before which the passing of time makes no items; `now` when it makes some up to then. */
export function nextDue(state: FoldState, now: EpochMs): EpochMs {
  if (!state.listening) return Infinity;
  const step = advance(state.pipeline, Math.max(now, state.lastAt) - state.downMs);
  return step.items.length > 0 ? now : quietUntil(step.state) + state.downMs;
}

/** Whether silence alone will make items some day: a visit or a session is open. */
export function isPending(state: FoldState): boolean {
  return state.listening && advance(state.pipeline, state.lastAt + DAY_MS).items.length > 0;
}

/**
 * Before the first record that is there, which begins at `at`. Its boot record brings the configuration;
 * should that be damaged, the one of now stands in.
 */
export function initialState(config: PipelineConfig, at: EpochMs): FoldState {
  return {
    pipeline: createPipelineState(config),
    heard: {},
    config: JSON.stringify(config),
    downMs: 0,
    listening: true,
    lastAt: at,
    lastItem: 0,
  };
}
