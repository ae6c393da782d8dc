import type { DeviceAdapter } from '../../libs/telemetry/src/index.js';
import { decodeEpc, encodeEpc } from '../../libs/identifiers/src/index.js';
import { encodeReading, jsonl } from '../../hardware-adapters/jsonl/index.js';
import { encodeFix, encodeSentence, nmea } from '../../hardware-adapters/nmea/index.js';
import { encodeInventoryEnd, encodeTag, r2000 } from '../../hardware-adapters/r2000/index.js';
import type { BenchReport, BenchResult } from './contract.js';
import { loadPeer } from './peers.js';
import { alternate, machine, ratioOf, type Contender } from './rounds.js';
import { seededRandom } from './seeded-random.js';

const ROUNDS = 7;
const SEED = 20261122;
/** What one read of a socket brings at most: an Ethernet segment. */
const CHUNK_BYTES = 1_460;
const R2000_FRAMES = 40_000;
const NMEA_EPOCHS = 6_000;
const JSONL_LINES = 12_000;
const EPCS = 20_000;
/** Of the bytes on a noisy line. */
const NOISE_SHARE = 0.2;

type Bytes = Uint8Array<ArrayBufferLike>;

/** A device's frames as bytes, one by one. */
interface Device {
  readonly adapter: DeviceAdapter;
  readonly frames: readonly Bytes[];
}

export async function run(): Promise<BenchReport> {
  const random = seededRandom(SEED);
  const devices: readonly Device[] = [
    { adapter: r2000, frames: r2000Frames(random) },
    { adapter: jsonl, frames: jsonlLines(random) },
  ];
  const sentences = sentencesOfAll(nmeaSentences(random));
  const positions: Device = { adapter: nmea, frames: sentences.frames };
  const hexes = epcs(random);

  const frames = await alternate(ROUNDS, 'frames/s', [
    ...[...devices, positions].map(throughFramerAndCodec),
    jsonParseOnly(devices[1]?.frames ?? []),
    ...sentences.peers,
  ]);
  const identities = epcSides(hexes);
  const decoded = await alternate(ROUNDS, 'EPCs/s', identities.contenders);
  const noisy = await alternate(
    ROUNDS,
    'MB/s',
    [...devices, positions].map((device) => throughNoise(device, random)),
  );

  const results: BenchResult[] = [
    ...frames,
    ...sentences.missing.map((miss) => ({ ...miss, unit: 'frames/s' })),
    ...decoded,
    ...identities.missing,
    ...noisy,
  ];
  return {
    bench: 'codecs',
    machine: machine(),
    rounds: ROUNDS,
    results,
    ratios: {
      'nmea-simple': ratioOf(results, 'nmea', 'nmea-simple'),
      gps: ratioOf(results, 'nmea', 'gps'),
      'epc-tds': ratioOf(results, 'epc', 'epc-tds'),
      'JSON.parse': ratioOf(results, 'jsonl', 'JSON.parse'),
    },
    notes: [
      `seed ${SEED}; bytes in chunks of ${CHUNK_BYTES} through framer and codec: ${R2000_FRAMES} r2000 frames, ${sentences.frames.length} sentences, ${JSONL_LINES} JSON lines`,
      `nmea-simple and gps get the same sentences as ready strings, without a framer; ${sentences.dropped} that one of the three does not take are left out`,
      `epc and epc-tds give tag URI and pure identity of the same ${hexes.length} EPCs, compared before; epc gives the GS1 key and element string too`,
      'JSON.parse is the limit of any JSON lines: split and parsed, nothing checked',
      `…-framer: the same frames with ${NOISE_SHARE * 100} % noise (random bytes, torn frames, flipped bits), MB of 10^6 bytes; no peer frames anything`,
      'llrpjs, ais-stream-decoder: not measured, no such device yet',
    ],
  };
}

/** 0x89 inventories: seven tags of 96 or 128 bits and the end packet. */
function r2000Frames(random: () => number): Bytes[] {
  return Array.from({ length: R2000_FRAMES }, (_, n) => {
    const antenna = 1 + Math.floor(random() * 4);
    if (n % 8 === 7) return encodeInventoryEnd(1, antenna, 140, 7);
    const words = random() < 0.8 ? 6 : 8;
    return encodeTag({
      address: 1,
      antenna,
      pc: (words << 11).toString(16).padStart(4, '0'),
      epc: Array.from({ length: words }, () => hexWord(random)).join(''),
      rssiDbm: -75 + Math.floor(random() * 40),
      freqIndex: 7 + Math.floor(random() * 50),
    });
  });
}

const hexWord = (random: () => number): string =>
  Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')
    .toUpperCase();

/** A receiver's epoch each second: RMC and GGA, VTG, the satellites used and those in view. */
function nmeaSentences(random: () => number): Bytes[] {
  const begin = Date.UTC(2026, 10, 22, 2);
  return Array.from({ length: NMEA_EPOCHS }, (_, n) => {
    const speedMps = 20 * random();
    const courseDeg = 360 * random();
    const satellites = 6 + Math.floor(14 * random());
    const fix = encodeFix({
      talker: ['GP', 'GB', 'GN'][n % 3] ?? 'GN',
      at: begin + n * 1000,
      longitude: 121.6 + 0.7 * random(),
      latitude: 29.7 + 0.5 * random(),
      speedMps,
      courseDeg,
      altitudeM: 40 * random(),
      satellites,
    });
    const knots = ((speedMps * 3600) / 1852).toFixed(2);
    const used = Array.from({ length: 12 }, (_unused, i) => (i < satellites ? String(i + 1).padStart(2, '0') : ''));
    const seen = [1, 2, 3, 4].map((i) => `${String(i).padStart(2, '0')},40,083,${30 + i}`).join(',');
    return [
      ...linesOf(fix),
      encodeSentence(`GNVTG,${courseDeg.toFixed(2)},T,,M,${knots},N,${(speedMps * 3.6).toFixed(2)},K,A`),
      encodeSentence(`GNGSA,A,3,${used.join(',')},1.8,1.0,1.5`),
      encodeSentence(`GBGSV,1,1,04,${seen}`),
    ];
  }).flat();
}

function linesOf(bytes: Bytes): Bytes[] {
  return Buffer.from(bytes)
    .toString('latin1')
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line, 'latin1'));
}

/** What a lane says in a pass: cameras, loops, a scale, positions. */
function jsonlLines(random: () => number): Bytes[] {
  const begin = Date.UTC(2026, 10, 22, 2);
  return Array.from({ length: JSONL_LINES }, (_, n) => {
    const at = begin + n * 40;
    switch (n % 4) {
      case 0:
        return encodeReading(n + 1, at, {
          kind: 'OcrRead',
          target: 'CONTAINER',
          text: `MSKU${String(Math.floor(1e7 * random())).padStart(7, '0')}`,
          confidence: random(),
          pictureUrl: `https://camera.example/${n}.jpg`,
          position: 'FRONT',
        });
      case 1:
        return encodeReading(n + 1, at, { kind: 'LaneSignal', signal: 'LOOP', position: 'LANDSIDE', on: n % 8 === 1 });
      case 2:
        return encodeReading(n + 1, at, {
          kind: 'WeightReading',
          grossKg: Math.round(40_000 * random()),
          stable: true,
        });
      default:
        return encodeReading(n + 1, at, {
          kind: 'PositionFix',
          longitude: 121.6 + 0.7 * random(),
          latitude: 29.7 + 0.5 * random(),
          speedMps: 20 * random(),
          courseDeg: 360 * random(),
          altitudeM: null,
          hdop: 0.9,
          satellites: 12,
          accuracyM: null,
          system: 'BEIDOU',
        });
    }
  });
}

function throughFramerAndCodec({ adapter, frames }: Device): Contender {
  const chunks = chunksOf(Buffer.concat(frames));
  const work = (): number => {
    const framer = adapter.createFramer();
    let accepted = 0;
    for (const chunk of chunks) {
      for (const output of framer.push(chunk)) {
        if (output.kind === 'frame' && adapter.decode(output.bytes).ok) accepted++;
      }
    }
    return accepted;
  };
  requireSame(`${adapter.protocol}: frames accepted`, work(), frames.length);
  return { who: adapter.protocol, work };
}

function jsonParseOnly(lines: readonly Bytes[]): Contender {
  const bytes = Buffer.concat(lines);
  return {
    who: 'JSON.parse',
    version: `Node ${process.version}`,
    work: () => {
      let objects = 0;
      for (const line of bytes.toString('utf8').split('\n')) {
        if (line !== '' && typeof JSON.parse(line) === 'object') objects++;
      }
      return objects;
    },
  };
}

interface MissingPeer {
  readonly who: string;
  readonly value: 'missing';
  readonly unit: string;
  readonly reason: string;
}

interface NmeaPeer {
  readonly who: string;
  readonly version: string;
  readonly accepts: (sentence: string) => boolean;
}

/** The sentences that we and every peer that is installed accept, with the peers over them. */
function sentencesOfAll(all: readonly Bytes[]): {
  readonly frames: readonly Bytes[];
  readonly dropped: number;
  readonly peers: readonly Contender[];
  readonly missing: readonly MissingPeer[];
} {
  const loaded = [simple(), gps()];
  const peers = loaded.filter((peer): peer is NmeaPeer => 'accepts' in peer);
  const taken = all
    .map((frame) => ({ frame, text: Buffer.from(frame).toString('latin1').trimEnd() }))
    .filter(({ frame, text }) => nmea.decode(frame.subarray(0, -2)).ok && peers.every((peer) => peer.accepts(text)));
  const texts = taken.map(({ text }) => text);
  return {
    frames: taken.map(({ frame }) => frame),
    dropped: all.length - taken.length,
    peers: peers.map(({ who, version, accepts }) => ({
      who,
      version,
      work: () => {
        let accepted = 0;
        for (const text of texts) if (accepts(text)) accepted++;
        return accepted;
      },
    })),
    missing: loaded.filter((peer): peer is MissingPeer => 'value' in peer),
  };
}

function simple(): NmeaPeer | MissingPeer {
  const peer = loadPeer('nmea-simple');
  if ('missing' in peer) return missingOf('nmea-simple', peer.missing);
  const { parseNmeaSentence } = peer.module as { parseNmeaSentence: (sentence: string) => { chxOk: boolean } };
  return {
    who: 'nmea-simple',
    version: peer.version,
    accepts: (sentence) => {
      try {
        return parseNmeaSentence(sentence).chxOk;
      } catch {
        return false; // it throws for what it does not know
      }
    },
  };
}

function gps(): NmeaPeer | MissingPeer {
  const peer = loadPeer('gps');
  if ('missing' in peer) return missingOf('gps', peer.missing);
  const { GPS } = peer.module as { GPS: { Parse: (sentence: string) => { valid: boolean } | false } };
  return {
    who: 'gps',
    version: peer.version,
    accepts: (sentence) => {
      try {
        const parsed = GPS.Parse(sentence);
        return parsed !== false && parsed.valid;
      } catch {
        return false; // it throws on some sentences
      }
    },
  };
}

/** The four 96-bit schemes that a port meets: assets, returnable assets, pallets, goods. */
function epcs(random: () => number): string[] {
  const digits = (count: number): string => String(Math.floor(random() * 10 ** count)).padStart(count, '0');
  return Array.from({ length: EPCS }, (_, n) => {
    const uris = [
      `urn:epc:tag:giai-96:0.0614141.${1 + Math.floor(random() * 1e9)}`,
      `urn:epc:tag:grai-96:0.0614141.${digits(5)}.${Math.floor(random() * 1e9)}`,
      `urn:epc:tag:sscc-96:0.0614141.${digits(10)}`,
      `urn:epc:tag:sgtin-96:3.0614141.${digits(6)}.${Math.floor(random() * 1e9)}`,
    ];
    return epcHexOf(uris[n % uris.length] ?? '');
  });
}

function epcHexOf(uri: string): string {
  const encoded = encodeEpc(uri);
  if (!encoded.ok) throw new Error(`${uri}: ${encoded.detail}`);
  return encoded.message.hex;
}

function epcSides(hexes: readonly string[]): {
  readonly contenders: readonly Contender[];
  readonly missing: readonly MissingPeer[];
} {
  const own = (hex: string): string => {
    const decoded = decodeEpc(hex);
    return decoded.ok && decoded.message.kind === 'epc'
      ? `${decoded.message.tagUri} ${decoded.message.pureIdentityUri}`
      : 'refused';
  };
  const overAll = (who: string, urisOf: (hex: string) => string, version?: string): Contender => ({
    who,
    ...(version === undefined ? {} : { version }),
    work: () => {
      let characters = 0;
      for (const hex of hexes) characters += urisOf(hex).length;
      return characters > 0 ? hexes.length : 0;
    },
  });
  const peer = loadPeer('epc-tds');
  if ('missing' in peer) {
    return { contenders: [overAll('epc', own)], missing: [{ ...missingOf('epc-tds', peer.missing), unit: 'EPCs/s' }] };
  }
  const tds = peer.module as { valueOf: (hex: string) => { toTagURI(): string; toIdURI(): string } };
  const theirs = (hex: string): string => {
    const epc = tds.valueOf(hex);
    return `${epc.toTagURI()} ${epc.toIdURI()}`;
  };
  for (const hex of hexes) requireSame(`URIs of ${hex}`, own(hex), theirs(hex));
  return { contenders: [overAll('epc', own), overAll('epc-tds', theirs, peer.version)], missing: [] };
}

/** Frames with noise between them; every hundredth is torn, and every hundredth has a bit flipped. */
function throughNoise({ adapter, frames }: Device, random: () => number): Contender {
  const parts: Bytes[] = [];
  for (const [n, frame] of frames.entries()) {
    if (random() < 0.5) {
      const noise = Math.round(((2 * NOISE_SHARE) / (1 - NOISE_SHARE)) * frame.length);
      parts.push(Uint8Array.from({ length: noise }, () => Math.floor(random() * 256)));
    }
    const damaged = Uint8Array.from(frame);
    if (n % 100 === 50) damaged[Math.floor(random() * frame.length)]! ^= 1 << Math.floor(random() * 8);
    parts.push(n % 100 === 0 ? damaged.subarray(0, frame.length >> 1) : damaged);
  }
  const stream = Buffer.concat(parts);
  const chunks = chunksOf(stream);
  return {
    who: `${adapter.protocol}-framer`,
    work: () => {
      const framer = adapter.createFramer();
      let outputs = 0;
      for (const chunk of chunks) outputs += framer.push(chunk).length;
      return outputs > 0 ? stream.length / 1e6 : 0;
    },
  };
}

function chunksOf(bytes: Buffer): Bytes[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) =>
    bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  );
}

function missingOf(who: string, reason: string): MissingPeer {
  return { who, value: 'missing', unit: 'frames/s', reason };
}

function requireSame<T>(what: string, one: T, other: T): void {
  if (one !== other) throw new Error(`${what}: ${String(one)} against ${String(other)}`);
}
