import {
  cageOrDodaac,
  characterPartition,
  characters,
  type Field,
  fixedDigits,
  integer,
  numericString,
  partition,
  reserved,
  sixBitCharacters,
  sixBitPartition,
  unpaddedPartition,
} from './fields.js';
import type { IdentityType } from './identity-types.js';

/** One row of TDS table 14-1 with its coding table (14.6). The header's eight bits stand before the fields. */
export interface BinaryScheme {
  readonly header: number;
  /** As in `urn:epc:tag:`. */
  readonly name: string;
  readonly identity: IdentityType;
  /** Whether the first component of the tag URI is a filter value that the pure identity leaves out. */
  readonly filtered: boolean;
  readonly fields: readonly Field[];
  /** Whether the bits can hold what the identity's syntax refuses: ADI's # inside a part, CPI's serials of 13 digits. */
  readonly wider: boolean;
}

const filter = (width: number) => integer(width, 'filter');

/** TDS 14.6, partition tables, rows 0 to 6: what is left beside the company prefix. */
const OF_44_BITS = [4, 7, 10, 14, 17, 20, 24];
const OF_58_BITS = [18, 21, 24, 28, 31, 34, 38];
const OF_41_BITS = [1, 4, 7, 11, 14, 17, 21];
const GIAI_96 = [42, 45, 48, 52, 55, 58, 62];
const GIAI_202 = [148, 151, 154, 158, 161, 164, 168];
const CPI_96 = [11, 14, 17, 21, 24, 27, 31];

const gtin = partition(OF_44_BITS, 13);
const sscc = partition(OF_58_BITS, 17);
const gln = partition(OF_41_BITS, 12);
const assetType = partition(OF_44_BITS, 12);

const WIDER: ReadonlySet<IdentityType> = new Set<IdentityType>(['adi', 'cpi']);

function row(header: number, name: string, identity: IdentityType, ...fields: Field[]): BinaryScheme {
  return { header, name, identity, filtered: identity !== 'gid', fields, wider: WIDER.has(identity) };
}

/** Smallest scheme of an identity first. GDTI-113 (3A) and the 64-bit schemes are withdrawn and not read. */
export const BINARY_SCHEMES: readonly BinaryScheme[] = [
  row(0x2c, 'gdti-96', 'gdti', filter(3), gln, integer(41)),
  row(0x2d, 'gsrn-96', 'gsrn', filter(3), sscc, reserved(24)),
  row(0x2e, 'gsrnp-96', 'gsrnp', filter(3), sscc, reserved(24)),
  row(0x2f, 'usdod-96', 'usdod', filter(4), cageOrDodaac(8), integer(36)),
  row(0x30, 'sgtin-96', 'sgtin', filter(3), gtin, integer(38)),
  row(0x31, 'sscc-96', 'sscc', filter(3), sscc, reserved(24)),
  row(0x32, 'sgln-96', 'sgln', filter(3), gln, integer(41)),
  row(0x33, 'grai-96', 'grai', filter(3), assetType, integer(38)),
  row(0x34, 'giai-96', 'giai', filter(3), unpaddedPartition(GIAI_96, [13, 14, 15, 16, 17, 18, 19])),
  row(0x35, 'gid-96', 'gid', integer(28), integer(24), integer(36)),
  row(0x36, 'sgtin-198', 'sgtin', filter(3), gtin, characters(140)),
  row(0x37, 'grai-170', 'grai', filter(3), assetType, characters(112)),
  row(0x38, 'giai-202', 'giai', filter(3), characterPartition(GIAI_202)),
  row(0x39, 'sgln-195', 'sgln', filter(3), gln, characters(140)),
  row(0x3b, 'adi-var', 'adi', filter(6), cageOrDodaac(6), sixBitCharacters(0, 32), sixBitCharacters(1, 30)),
  row(0x3c, 'cpi-96', 'cpi', filter(3), unpaddedPartition(CPI_96, [3, 4, 5, 6, 7, 8, 9]), integer(31)),
  row(0x3d, 'cpi-var', 'cpi', filter(3), sixBitPartition, integer(40)),
  row(0x3e, 'gdti-174', 'gdti', filter(3), gln, characters(119)),
  row(0x3f, 'sgcn-96', 'sgcn', filter(3), gln, numericString(41, 12)),
  row(0x40, 'itip-110', 'itip', filter(3), gtin, fixedDigits(2, 7), fixedDigits(2, 7), integer(38)),
  row(0x41, 'itip-212', 'itip', filter(3), gtin, fixedDigits(2, 7), fixedDigits(2, 7), characters(140)),
];

export const SCHEME_BY_HEADER: ReadonlyMap<number, BinaryScheme> = new Map(
  BINARY_SCHEMES.map((scheme) => [scheme.header, scheme]),
);

export const SCHEME_BY_NAME: ReadonlyMap<string, BinaryScheme> = new Map(
  BINARY_SCHEMES.map((scheme) => [scheme.name, scheme]),
);
