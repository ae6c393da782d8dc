import {
  normaliseContainerNumber,
  normaliseLicencePlate,
  parseContainerNumber,
  parseCreditCode,
  parseEpcUri,
  parseLicencePlate,
  parseUnlocode,
} from '#libs/identifiers';
import { DomainError, type ErrorCode } from '#libs/kernel';
import { parseDuration, formatDuration } from './duration.js';
import { GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';

const MAX_TEXT = 128;

function refuse(code: ErrorCode, value: unknown, expected: string, extra: Record<string, unknown> = {}): never {
  throw new DomainError(code, { value: shortened(value), expected, ...extra });
}

function shortened(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}

/** A scalar that is a string on the wire. */
function textScalar<Inner>(
  name: string,
  parse: (text: string) => Inner,
  expected: string,
  code: ErrorCode,
  serialize: (value: unknown) => unknown = (value) => value,
): GraphQLScalarType<Inner, unknown> {
  const parseValue = (value: unknown): Inner =>
    typeof value === 'string' ? parse(value) : refuse(code, value, expected);
  return new GraphQLScalarType<Inner, unknown>({
    name,
    serialize,
    parseValue,
    parseLiteral: (node: ValueNode) => parseValue(valueFromASTUntyped(node)),
  });
}

function degreeScalar(name: string, limit: number): GraphQLScalarType<number, unknown> {
  const parseValue = (value: unknown): number =>
    typeof value === 'number' && Math.abs(value) <= limit
      ? value
      : refuse('INVALID_INPUT', value, `a number from -${limit} to ${limit}`);
  return new GraphQLScalarType<number, unknown>({
    name,
    serialize: (value) => value,
    parseValue,
    parseLiteral: (node: ValueNode) => parseValue(valueFromASTUntyped(node)),
  });
}

const CONTAINER_NUMBER = 'an ISO 6346 number such as CSQU3054383: four letters, six digits and the check digit';
const LICENCE_PLATE = 'a plate of the mainland such as 浙B12345';
const CREDIT_CODE = 'a code of GB 32100-2015: 17 of 0-9 A-Z without I, O, S, V, Z, and the check character';
const UN_LOCODE = 'two letters of the country and three of A to Z and 2 to 9, such as CNNBO';
const EPC_URI = 'an EPC URI of GS1’s TDS, such as urn:epc:id:giai:0614141.12345400';
const DURATION = 'ISO 8601 in weeks, days, hours, minutes and seconds, at most 3,650 days, such as PT25M30.5S';
const DATE_TIME = 'RFC 3339 with an offset, such as 2026-11-22T09:02:03.000+08:00';
const IDEMPOTENCY_KEY = '8 to 128 characters of A-Z a-z 0-9 _ -';

function containerNumber(text: string): string {
  const parsed = parseContainerNumber(normaliseContainerNumber(text.slice(0, MAX_TEXT)));
  return parsed.ok
    ? parsed.message.number
    : refuse('INVALID_CONTAINER_NUMBER', text, CONTAINER_NUMBER, { reason: parsed.reason, detail: parsed.detail });
}

function licencePlate(text: string): string {
  const parsed = parseLicencePlate(normaliseLicencePlate(text.slice(0, MAX_TEXT)));
  return parsed.ok
    ? parsed.message.plate
    : refuse('INVALID_LICENCE_PLATE', text, LICENCE_PLATE, { reason: parsed.reason, detail: parsed.detail });
}

function creditCode(text: string): string {
  const parsed = parseCreditCode(text.slice(0, MAX_TEXT));
  return parsed.ok
    ? parsed.message.code
    : refuse('INVALID_INPUT', text, CREDIT_CODE, { reason: parsed.reason, detail: parsed.detail });
}

function unLocode(text: string): string {
  const parsed = parseUnlocode(text.slice(0, MAX_TEXT));
  return parsed.ok
    ? parsed.message.code
    : refuse('INVALID_INPUT', text, UN_LOCODE, { reason: parsed.reason, detail: parsed.detail });
}

/** TDS bounds no URI; none of its schemes reaches this. */
const MAX_URI = 400;

function epcUri(text: string): string {
  if (text.length > MAX_URI) return refuse('INVALID_INPUT', text, EPC_URI);
  const parsed = parseEpcUri(text);
  return parsed.ok
    ? parsed.message.uri
    : refuse('INVALID_INPUT', text, EPC_URI, { reason: parsed.reason, detail: parsed.detail });
}

/** @returns milliseconds */
function duration(text: string): number {
  return parseDuration(text) ?? refuse('INVALID_INPUT', text, DURATION);
}

function durationText(ms: unknown): string {
  if (typeof ms === 'number' && ms >= 0) return formatDuration(ms);
  throw new TypeError(`Duration cannot hold ${String(ms)}`);
}

/** RFC 3339, 5.6; a leap second is taken as the second after it would be refused, because `Date` knows none. */
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function dateTime(text: string): Date {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  const calendarDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const at = new Date(text.toUpperCase());
  // Year 0 is no year of PostgreSQL's; 31 April would become 1 May.
  const real =
    Number(year) >= 1900 && calendarDay.getUTCMonth() === Number(month) - 1 && calendarDay.getUTCDate() === Number(day);
  return real && !Number.isNaN(at.getTime()) ? at : refuse('INVALID_INPUT', text, DATE_TIME);
}

/** UTC with milliseconds. */
function instant(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'string') return new Date(value).toISOString();
  throw new TypeError(`DateTime cannot hold a ${typeof value}`);
}

function idempotencyKey(text: string): string {
  return /^[A-Za-z0-9_-]{8,128}$/.test(text) ? text : refuse('INVALID_INPUT', text, IDEMPOTENCY_KEY);
}

/** Validation lives here: a resolver never sees a bad value. */
export const SCALARS = {
  ContainerNumber: textScalar('ContainerNumber', containerNumber, CONTAINER_NUMBER, 'INVALID_CONTAINER_NUMBER'),
  LicencePlate: textScalar('LicencePlate', licencePlate, LICENCE_PLATE, 'INVALID_LICENCE_PLATE'),
  CreditCode: textScalar('CreditCode', creditCode, CREDIT_CODE, 'INVALID_INPUT'),
  UnLocode: textScalar('UnLocode', unLocode, UN_LOCODE, 'INVALID_INPUT'),
  EpcUri: textScalar('EpcUri', epcUri, EPC_URI, 'INVALID_INPUT'),
  Duration: textScalar('Duration', duration, DURATION, 'INVALID_INPUT', durationText),
  DateTime: textScalar('DateTime', dateTime, DATE_TIME, 'INVALID_INPUT', instant),
  IdempotencyKey: textScalar('IdempotencyKey', idempotencyKey, IDEMPOTENCY_KEY, 'INVALID_INPUT'),
  Longitude: degreeScalar('Longitude', 180),
  Latitude: degreeScalar('Latitude', 90),
  Json: new GraphQLScalarType<unknown, unknown>({
    name: 'Json',
    parseValue: (value) => value,
    parseLiteral: (node, variables) =>
      node.kind === Kind.NULL ? null : valueFromASTUntyped(node, variables ?? undefined),
  }),
} as const;
