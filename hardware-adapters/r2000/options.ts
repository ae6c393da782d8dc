import { z } from 'zod';
import { parseConfig } from '#libs/kernel';
import { PUBLIC_ADDRESS } from './definition.js';

/** `1,2` of a URL's query and `[1, 2]` of gateway.json are the same. */
const antennaList = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value.split(',').map((part) => Number(part))
      : typeof value === 'number'
        ? [value]
        : value,
  z
    .array(z.number().int().min(1).max(8))
    .min(1)
    .max(8)
    .refine((list) => new Set(list).size === list.length, 'an antenna stands twice'),
);

const flag = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
  z.boolean(),
);

const schema = z
  .strictObject({
    /** 0 to 254, or 255 for whichever reader is on the line. */
    address: z.coerce.number().int().min(0).max(0xff).default(PUBLIC_ADDRESS),
    /** Ports in use, counted from 1, in the order of inventory. */
    antennas: antennaList.default([1]),
    /** Output power in dBm for all ports; absent leaves the reader's own. */
    power: z.coerce.number().int().min(0).max(33).optional(),
    /** 8-port readers put the antenna's third bit into bit 7 of RSSI. */
    eightPort: flag.default(false),
    /** Rounds of one 0x89 command. */
    repeat: z.coerce.number().int().min(1).max(0xff).default(1),
    /** Silence after which the reader is commanded anew, in ms. */
    silenceMs: z.coerce.number().int().min(100).max(600_000).default(3_000),
  })
  .refine((options) => options.eightPort || options.antennas.every((antenna) => antenna <= 4), {
    path: ['antennas'],
    message: 'antennas above 4 need eightPort',
  });

export interface R2000Options {
  readonly address: number;
  readonly antennas: readonly number[];
  readonly power?: number | undefined;
  readonly eightPort: boolean;
  readonly repeat: number;
  readonly silenceMs: number;
}

/** @throws DomainError INVALID_CONFIG with every fault */
export function parseR2000Options(options: Readonly<Record<string, unknown>>): R2000Options {
  return parseConfig(schema, options, 'r2000 options');
}
