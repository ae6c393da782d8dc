import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  print,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLResolveInfo,
} from 'graphql';
import { parseGlobalId } from '../api/shared/global-id.js';
import { SECRET_OPERATIONS } from './duty.js';

type Values = Readonly<Record<string, unknown>>;

/** Texts of mutations that are kept in clear; any other may be a password, a code or somebody's name. */
const KEPT_TEXTS: ReadonlySet<string> = new Set(['reason', 'site', 'gateway', 'sha256']);
const MASK = '***';
/** Longer ones are cut: a filter has a bound, a document has a larger one. */
const MOST_CHARACTERS = 4_000;
/** No part of what was asked about. */
const PAGE: ReadonlySet<string> = new Set(['first', 'after', 'idempotencyKey']);

export interface Asked {
  readonly subject: { readonly type: string | null; readonly keys: readonly string[] };
  readonly asked: unknown;
}

/** What was asked of a field, as the audit keeps it. */
export function askedOf(operation: string, args: Values, info: GraphQLResolveInfo): Asked {
  const named = getNamedType(info.returnType).name.replace(/(?:Connection|Payload)$/, '');
  if (SECRET_OPERATIONS.has(operation))
    return { subject: { type: 'InspectionTarget', keys: idsIn(args) }, asked: null };
  const field = info.parentType.getFields()[info.fieldName];
  const isMutation = operation.startsWith('Mutation.');
  const kept = field === undefined ? {} : keep(field.args, args, isMutation);
  const selection = isMutation ? null : info.fieldNodes.map((node) => print(node)).join('\n');
  const node = operation === 'Query.node' && typeof args['id'] === 'string' ? parseGlobalId(args['id']) : null;
  return {
    subject: node === null ? { type: named, keys: keysIn(kept) } : { type: node.type, keys: node.key },
    asked: cut({ arguments: kept, ...(selection === null ? {} : { selection: selection.slice(0, MOST_CHARACTERS) }) }),
  };
}

function keep(fields: readonly (GraphQLArgument | GraphQLInputField)[], values: Values, masks: boolean): Values {
  const named = fields.filter(({ name }) => name !== 'idempotencyKey' && values[name] !== undefined);
  return Object.fromEntries(named.map(({ name, type }) => [name, keepValue(name, type, values[name], masks)]));
}

function keepValue(name: string, type: GraphQLInputType, value: unknown, masks: boolean): unknown {
  const nullable = getNullableType(type);
  if (value === null) return null;
  if (isListType(nullable))
    return (value as readonly unknown[]).map((one) => keepValue(name, nullable.ofType, one, masks));
  if (isInputObjectType(nullable)) return keep(Object.values(nullable.getFields()), value as Values, masks);
  const isText = isLeafType(nullable) && (nullable.name === 'String' || nullable.name === 'Json');
  return masks && isText && !KEPT_TEXTS.has(name) ? MASK : value;
}

/** Leaves at the root of the arguments, and of an `input`. */
function keysIn(kept: Values): string[] {
  const { input, ...others } = kept;
  const leaves = Object.entries({ ...others, ...(typeof input === 'object' ? (input as Values | null) : {}) });
  return leaves.flatMap(([name, value]) =>
    typeof value === 'string' && value !== MASK && value.length <= 200 && !PAGE.has(name) && name !== 'reason'
      ? [value]
      : [],
  );
}

/** Of an answer or of arguments: `id`, `targetId`, `keyId`, … */
export function idsIn(values: unknown): string[] {
  if (typeof values !== 'object' || values === null) return [];
  return Object.entries(values).flatMap(([name, value]) =>
    /^id$|Id$/.test(name) && typeof value === 'string' ? [value] : [],
  );
}

function cut(asked: object): unknown {
  const text = JSON.stringify(asked);
  return text.length <= 2 * MOST_CHARACTERS ? asked : { cut: text.slice(0, MOST_CHARACTERS) };
}

export function isStream(value: unknown): value is AsyncIterableIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** How many rows an answer begins with: of a list's page, or of one object; null: a stream, which nobody can tell. */
export function rowsOf(value: unknown): number | null {
  if (isStream(value)) return null;
  if (value === null || value === undefined) return 0;
  if (Array.isArray(value)) return value.length;
  const nodes = (value as { readonly nodes?: unknown }).nodes;
  return Array.isArray(nodes) ? nodes.length : 1;
}
