import {
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** A list of the API as a file: the same question page by page, so that an export gives what the list gives and nothing else. */
export interface ExportDocument {
  /** `$first`, `$after`, and the list's other arguments as variables of the same names. */
  readonly text: string;
  /** Names of the list's arguments besides the page. */
  readonly args: readonly string[];
  /** Paths into a node: `occurredAt`, `site.code`. */
  readonly columns: readonly string[];
}

/** What stands for a related object in a file. */
const NAME_OF_RELATION = 'code';

/** Every list at the root of the API by its name: `events`, `passes`, `shipments`, … */
export function exportDocuments(schema: GraphQLSchema): ReadonlyMap<string, ExportDocument> {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const lists = fields.filter((field) => getNamedType(field.type).name.endsWith('Connection'));
  return new Map(lists.map((field) => [field.name, documentOf(field)] as const));
}

function documentOf(field: GraphQLField<unknown, unknown>): ExportDocument {
  const args = field.args.filter(({ name }) => name !== 'first' && name !== 'after');
  const declared = ['$first: Int!', '$after: String', ...args.map(({ name, type }) => `$${name}: ${String(type)}`)];
  const passed = ['first: $first', 'after: $after', ...args.map(({ name }) => `${name}: $${name}`)];
  const columns = columnsOf(nodeTypeOf(field));
  const selection = columns.map((path) => path.replace(/^(.+)\.(.+)$/, '$1 { $2 }')).join(' ');
  return {
    text: `query Export(${declared.join(', ')}) { list: ${field.name}(${passed.join(', ')}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`,
    args: args.map(({ name }) => name),
    columns,
  };
}

function nodeTypeOf(field: GraphQLField<unknown, unknown>): GraphQLNamedType | undefined {
  const connection = getNamedType(field.type);
  const nodes = isObjectType(connection) ? connection.getFields()['nodes'] : undefined;
  return nodes === undefined ? undefined : getNamedType(nodes.type);
}

/** Leaves, and the code of each single object that has one; what needs arguments or is a list of objects is left to the API. */
function columnsOf(type: GraphQLNamedType | undefined): string[] {
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    if (field.args.length > 0) return [];
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    const isSingle = !isListType(getNullableType(field.type));
    const hasName = isObjectType(inner) && inner.getFields()[NAME_OF_RELATION] !== undefined;
    return isSingle && hasName ? [`${field.name}.${NAME_OF_RELATION}`] : [];
  });
}
