import { DomainError } from '#libs/kernel';
import {
  GraphQLError,
  Kind,
  parse,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The one set of bounds of what is asked, over HTTP and WebSocket alike. Pages have theirs in connection.ts. */
export const LIMITS = {
  /** Document, variables and all around them. */
  requestBytes: 128 * 1024,
  /** Lexical tokens of a document: refused while it is read. */
  tokens: 4_000,
  /** Fields within fields; a shipment's boxes' events' passes' visits with connections are twelve. */
  depth: 14,
  /** Fields of an operation once its fragments are spread. */
  fields: 500,
  /** Fields of one name in one selection: GraphQL compares each of them with each other when it validates. */
  namesakes: 10,
  aliases: 100,
  directives: 50,
  /** Objects that an answer can hold, by the pages that are asked for. */
  nodes: 50_000,
} as const;

interface Measure {
  readonly depth: number;
  readonly fields: number;
  /** Response name → how often it stands at the top. */
  readonly names: ReadonlyMap<string, number>;
}

const NOTHING: Measure = { depth: 0, fields: 0, names: new Map() };

/** Documents that were found bounded lately: clients send the same few again and again. */
const KNOWN_CAPACITY = 500;
const known = new Set<string>();

/**
 * Refuses a document that is too long, deep, wide or repetitive, before it is validated: validation itself is quadratic in some
 * of these. What is no GraphQL is left to GraphQL's own complaint.
 * @throws DomainError LIMIT_EXCEEDED with `details.limit`
 */
export function refuseUnbounded(query: string): void {
  if (known.has(query)) return;
  const document = parseBounded(query);
  if (document !== null) {
    countMarks(document);
    measureOperations(document);
  }
  known.add(query);
  for (const oldest of known) {
    if (known.size <= KNOWN_CAPACITY) break;
    known.delete(oldest);
  }
}

function parseBounded(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`${LIMITS.tokens} tokens`))
      throw exceeded('tokens of a document', LIMITS.tokens + 1, LIMITS.tokens);
    return null;
  }
}

function countMarks(document: DocumentNode): void {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: ({ alias }) => void (aliases += alias === undefined ? 0 : 1),
    Directive: () => void (directives += 1),
  });
  if (aliases > LIMITS.aliases) throw exceeded('aliases of a document', aliases, LIMITS.aliases);
  if (directives > LIMITS.directives) throw exceeded('directives of a document', directives, LIMITS.directives);
}

function measureOperations(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Measure>();
  const measureFragment = (name: string): Measure => {
    const done = measured.get(name);
    if (done !== undefined) return done;
    const fragment = fragments.get(name);
    if (fragment === undefined) return NOTHING;
    // A ring meets itself here; GraphQL refuses it by a rule of its own.
    measured.set(name, NOTHING);
    const own = measure(fragment.selectionSet);
    measured.set(name, own);
    return own;
  };
  const measure = (set: SelectionSetNode): Measure => {
    let depth = 0;
    let fields = 0;
    const names = new Map<string, number>();
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet);
        const name = (selection.alias ?? selection.name).value;
        // Introspection is deep by nature, and GraphQL bounds it by a rule of its own.
        depth = Math.max(depth, selection.name.value.startsWith('__') ? 1 : inner.depth + 1);
        fields += inner.fields + 1;
        names.set(name, (names.get(name) ?? 0) + 1);
      } else {
        const part =
          selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : measureFragment(selection.name.value);
        depth = Math.max(depth, part.depth);
        fields += part.fields;
        for (const [name, count] of part.names) names.set(name, (names.get(name) ?? 0) + count);
      }
    }
    if (fields > LIMITS.fields) throw exceeded('fields of a document', fields, LIMITS.fields);
    for (const [name, count] of names) {
      if (count > LIMITS.namesakes) throw exceeded(`fields called ${name} in one selection`, count, LIMITS.namesakes);
    }
    return { depth, fields, names };
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) measureFragment(definition.name.value);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth } = measure(definition.selectionSet);
    if (depth > LIMITS.depth) throw exceeded('depth of a document', depth, LIMITS.depth);
  }
}

function exceeded(limit: string, value: number, most: number): DomainError {
  return new DomainError('LIMIT_EXCEEDED', { field: 'query', limit, value, expected: `at most ${most}` });
}
