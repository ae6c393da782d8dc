import type { DeviceAdapter } from '#libs/telemetry';
import { decodeAnswer, type R2000Answer } from './codec.js';
import { R2000Framer } from './framer.js';
import { parseR2000Options, type R2000Options } from './options.js';
import { onR2000Message, onR2000Tick, openR2000, type R2000State } from './session.js';

export { decodeAnswer, decodeCommand, type R2000Answer, type R2000Command, type R2000Tag } from './codec.js';
export * from './encode.js';
export { R2000Framer } from './framer.js';
export type { R2000Options } from './options.js';
export type { R2000Phase, R2000State } from './session.js';
export {
  createSimulatedReader,
  INVENTORY_ROUND_MS,
  type FieldTag,
  type SimulatedReader,
  type SimulatedReaderOptions,
} from './simulated-reader.js';

/** UHF readers of the 0xA0 family; see README.md for models and quirks. */
export const r2000: DeviceAdapter<R2000Answer, R2000State, R2000Options> = {
  protocol: 'r2000',
  parseOptions: parseR2000Options,
  createFramer: () => new R2000Framer(),
  decode: decodeAnswer,
  open: openR2000,
  onMessage: onR2000Message,
  onTick: onR2000Tick,
  // The protocol has no acknowledgement: a read is told once.
  acknowledge: () => [],
};
