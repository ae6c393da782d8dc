import { GraphQLError, Kind, type ASTVisitor, type SelectionSetNode, type ValidationContext } from 'graphql';

/** Most lexical tokens of a document: refused while it is read. */
export const MAX_TOKENS = 4_000;
/** Fields within fields; a shipment's boxes' events' passes' visits are eight. */
export const MAX_DEPTH = 14;
/** Fields of a document once its fragments are spread. */
export const MAX_FIELDS = 1_000;

interface Measure {
  readonly depth: number;
  readonly fields: number;
}

/** Refuses documents that are too deep or too wide before anything runs. Introspection is told apart by its names and free. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Measure>();
  const inProgress = new Set<string>();

  const fragmentMeasure = (name: string): Measure => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const fragment = context.getFragment(name);
    // A ring of fragments is refused by a rule of its own.
    if (!fragment || inProgress.has(name)) return { depth: 0, fields: 0 };
    inProgress.add(name);
    const measured = measure(fragment.selectionSet);
    inProgress.delete(name);
    fragments.set(name, measured);
    return measured;
  };

  const measure = (set: SelectionSetNode): Measure => {
    let depth = 0;
    let fields = 0;
    for (const selection of set.selections) {
      let part: Measure;
      if (selection.kind === Kind.FRAGMENT_SPREAD) part = fragmentMeasure(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) part = measure(selection.selectionSet);
      else if (selection.name.value.startsWith('__')) part = { depth: 1, fields: 1 };
      else {
        const inner = selection.selectionSet === undefined ? { depth: 0, fields: 0 } : measure(selection.selectionSet);
        part = { depth: inner.depth + 1, fields: inner.fields + 1 };
      }
      depth = Math.max(depth, part.depth);
      fields += part.fields;
    }
    return { depth, fields };
  };

  return {
    OperationDefinition(operation) {
      const { depth, fields } = measure(operation.selectionSet);
      if (depth > MAX_DEPTH) {
        context.reportError(
          new GraphQLError(`The document is ${depth} fields deep; at most ${MAX_DEPTH} are answered.`, {
            nodes: [operation],
          }),
        );
      }
      if (fields > MAX_FIELDS) {
        context.reportError(
          new GraphQLError(`The document asks for ${fields} fields; at most ${MAX_FIELDS} are answered.`, {
            nodes: [operation],
          }),
        );
      }
    },
  };
}
