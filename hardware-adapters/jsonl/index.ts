import type { DeviceAdapter } from '#libs/telemetry';
import { decodeLine, type JsonlMessage } from './codec.js';
import { JsonlFramer } from './framer.js';
import {
  acknowledgeJsonl,
  onJsonlMessage,
  onJsonlTick,
  openJsonl,
  parseJsonlOptions,
  type JsonlOptions,
  type JsonlState,
} from './session.js';

export { decodeLine, type JsonlHello, type JsonlMessage, type JsonlReading } from './codec.js';
export { encodeAck, encodeHello, encodeReading } from './encode.js';
export { JsonlFramer } from './framer.js';
export type { JsonlOptions, JsonlState } from './session.js';

/** Our own line protocol for cameras, lane controllers and gateways of others; README.md is its specification. */
export const jsonl: DeviceAdapter<JsonlMessage, JsonlState, JsonlOptions> = {
  protocol: 'jsonl',
  parseOptions: parseJsonlOptions,
  createFramer: () => new JsonlFramer(),
  decode: decodeLine,
  open: openJsonl,
  onMessage: onJsonlMessage,
  onTick: onJsonlTick,
  acknowledge: acknowledgeJsonl,
};
