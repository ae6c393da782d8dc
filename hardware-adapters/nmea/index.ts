import type { DeviceAdapter } from '#libs/telemetry';
import { decodeSentence, type NmeaDecodeOptions, type NmeaMessage } from './codec.js';
import { NmeaFramer } from './framer.js';
import { onNmeaMessage, onNmeaTick, openNmea, parseNmeaOptions, type NmeaOptions, type NmeaState } from './session.js';

export type * from './codec.js';
export { decodeSentence } from './codec.js';
export { encodeFix, encodeSentence, type NmeaFix } from './encode.js';
export { NmeaFramer } from './framer.js';
export type { NmeaOptions, NmeaState } from './session.js';

/** The port's `decode` knows no options, so leniency is chosen when the adapter is made. */
export function createNmea(
  protocol: string,
  decoding: NmeaDecodeOptions = {},
): DeviceAdapter<NmeaMessage, NmeaState, NmeaOptions> {
  return {
    protocol,
    parseOptions: parseNmeaOptions,
    createFramer: () => new NmeaFramer(),
    decode: (frame) => decodeSentence(frame, decoding),
    open: openNmea,
    onMessage: onNmeaMessage,
    onTick: onNmeaTick,
    // NMEA 0183 talks one way.
    acknowledge: () => [],
  };
}

/** Satellite receivers; a sentence without its checksum is refused. */
export const nmea = createNmea('nmea');

/** The same for old receivers that send no checksum at all. */
export const nmeaUnchecked = createNmea('nmea-unchecked', { allowMissingChecksum: true });
