import { partsOf, type Question } from '#libs/persistence';
import type { GraphQLResolveInfo } from 'graphql';
import { parseResolveInfo, type ResolveTree } from 'graphql-parse-resolve-info';
import type { QuestionBatch } from './domain-batch.js';
import type { RequestContext } from './request-context.js';
import { Binds } from './columns.js';

/** What a field's resolver loads for each row of its type. */
export interface Ahead {
  /** Fields of the row that make the key. */
  readonly keys: readonly string[];
  /** null: with these arguments the resolver loads by itself. */
  readonly batch: (args: Readonly<Record<string, unknown>>) => AnyBatch | null;
  /** What the loaded rows are, where more is loaded for them. */
  readonly rows?: { readonly type: string; readonly fields: () => AheadFields };
}

/** Of one type: field → what is loaded for it. Fields that are missing here load by themselves, in batches. */
export type AheadFields = Readonly<Record<string, Ahead>>;

type Row = Readonly<Record<string, unknown>>;
type AnyBatch = QuestionBatch<never, unknown>;
type AnyQuestion = Question<string | readonly string[], Row, unknown>;

/** Questions of one statement; the others are asked in batches. */
const MOST_QUESTIONS = 12;

/** One question of a statement: what it asks, and whose rows hold its keys. */
interface Part {
  readonly batch: AnyBatch;
  readonly question: AnyQuestion;
  readonly of: { readonly part: number; readonly keys: readonly string[] } | null;
}

/**
 * Loads a row by its key, and with the same statement what the fields asked for below it will load: each further question takes its
 * keys from the rows of the one above it. All of it is laid where `context.load` finds it, so that a resolver does not know
 * whether its rows came ahead.
 */
export async function loadAhead<Key extends string, Value>(
  context: RequestContext,
  batch: QuestionBatch<Key, Value>,
  key: Key,
  info: GraphQLResolveInfo,
  type: string,
  fields: AheadFields,
): Promise<Value> {
  const root = partOf(batch, null);
  const parts = [root];
  const tree = parseResolveInfo(info) as ResolveTree | null | undefined;
  if (tree) collect(parts, 0, tree, type, fields);
  if (parts.length > 1) await loadParts(context, parts, [key]);
  return await context.load(batch, key);
}

/** Fields that a document asks of a connection's nodes, which are of one type. */
export function nodeFieldsOf(info: GraphQLResolveInfo, type: string): ReadonlySet<string> | null {
  const tree = parseResolveInfo(info) as ResolveTree | null | undefined;
  if (!tree) return null;
  const below = (parent: ResolveTree, name: string): readonly ResolveTree[] =>
    Object.values(parent.fieldsByTypeName)
      .flatMap((fields) => Object.values(fields))
      .filter((field) => field.name === name);
  const nodes = [...below(tree, 'nodes'), ...below(tree, 'edges').flatMap((edge) => below(edge, 'node'))];
  return new Set(nodes.flatMap((node) => Object.values(node.fieldsByTypeName[type] ?? {}).map(({ name }) => name)));
}

const partOf = (batch: AnyBatch, of: Part['of']): Part => ({ batch, of, question: batch.question as AnyQuestion });

function collect(parts: Part[], above: number, tree: ResolveTree, type: string, fields: AheadFields): void {
  for (const { name, args, fieldsByTypeName } of Object.values(tree.fieldsByTypeName[type] ?? {})) {
    const ahead = fields[name];
    const batch = ahead?.batch(args) ?? null;
    if (ahead === undefined || batch === null) continue;
    let at = parts.findIndex((part) => part.batch.name === batch.name && part.of?.part === above);
    if (at === -1) {
      if (parts.length >= MOST_QUESTIONS) continue;
      at = parts.push(partOf(batch, { part: above, keys: ahead.keys })) - 1;
    }
    if (ahead.rows !== undefined) {
      collect(parts, at, { name, alias: name, args, fieldsByTypeName }, ahead.rows.type, ahead.rows.fields());
    }
  }
}

async function loadParts(context: RequestContext, parts: readonly Part[], rootKeys: readonly string[]): Promise<void> {
  const { reader } = context;
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const asked = parts.map(({ question, of }) => {
    const keys = question.keyTypes.map((keyType, at) =>
      of === null ? `${bind(partsOf(rootKeys, at))}::${keyType}[]` : keysIn(of, at, keyType),
    );
    return question.sql(keys, bind, reader.visibility);
  });
  const [answer] = await reader.queryPrepared<Record<string, Row[] | null>>(
    `WITH ${asked.map((sql, at) => `q${at} AS MATERIALIZED (${sql})`).join(', ')}
     SELECT ${asked.map((_, at) => `(SELECT json_agg(q${at}) FROM q${at}) AS q${at}`).join(', ')}`,
    binds.values,
  );
  const rows = parts.map(({ question }, at) => (answer?.[`q${at}`] ?? []).map((row) => timed(row, question.instants)));
  for (const [at, { batch, question, of }] of parts.entries()) {
    const keys = of === null ? rootKeys : keysOf(rows[of.part] ?? [], of.keys);
    const answers = question.answers(keys, rows[at] ?? [], reader.visibility);
    for (const [index, key] of keys.entries()) context.prime(batch, key as never, answers[index]);
  }
}

/** The different keys in the rows of a question, as SQL; the parts of one key stand at the same place of their arrays. */
function keysIn({ part, keys }: NonNullable<Part['of']>, at: number, keyType: string): string {
  const columns = keys.map((key) => `"${key}"`);
  const whole = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  // The cast makes it a value: ANY would take a bare SELECT for a list of rows.
  return `(SELECT array_agg(${columns[at] ?? ''} ORDER BY ${columns.join(', ')})
    FROM (SELECT DISTINCT ${columns.join(', ')} FROM q${part} WHERE ${whole}) AS k)::${keyType}[]`;
}

function keysOf(rows: readonly Row[], fields: readonly string[]): (string | readonly string[])[] {
  const keys = new Map<string, readonly string[]>();
  for (const row of rows) {
    const key = fields.flatMap((field) => (typeof row[field] === 'string' ? [row[field]] : []));
    if (key.length === fields.length) keys.set(JSON.stringify(key), key);
  }
  return [...keys.values()].map((key) => (key.length === 1 ? (key[0] ?? '') : key));
}

/** PostgreSQL writes an instant into JSON as ISO 8601 with an offset. */
function timed(row: Row, instants: readonly string[]): Row {
  if (instants.length === 0) return row;
  const changed: Record<string, unknown> = { ...row };
  for (const field of instants) {
    const value = row[field];
    if (typeof value === 'string') changed[field] = new Date(value);
  }
  return changed;
}
