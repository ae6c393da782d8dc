import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  type GraphQLField,
  type GraphQLSchema,
  type GraphQLNamedType,
} from 'graphql';

/** What is called alike means alike: said here once, and told wherever the SDL says nothing of its own. */
const OF_ARGUMENTS: Readonly<Record<string, string>> = {
  first: 'How many, 1 to 200; INVALID_PAGE_SIZE otherwise.',
  after:
    'Goes on behind this `endCursor` or edge’s `cursor` of the same list with the same filter; INVALID_CURSOR for any other.',
  filter:
    'All that is given must hold. INVALID_INPUT for what can find nothing, with the field and what would be right.',
  id: 'As a node told it. NOT_FOUND for one that is not yours, as for one that does not exist.',
  idempotencyKey: 'Drawn by you for this one intent; the same again gives the same answer.',
  input: 'What is to be done.',
  period: 'Only of this time; INVALID_PERIOD when nothing can lie in it.',
  site: 'Code of a terminal, such as `CNNBO-BLYUA`; null: all that you may see.',
  state: 'Only those in this state.',
  truck: 'Licence plate.',
  number: 'ISO 6346. 箱号',
  reference: 'A shipment’s reference, booking or bill number.',
  kind: 'Only of this kind.',
  device: 'Code of a device; null: all that you may see.',
  gateway: 'Id of a gateway; null, where it may be: all.',
  lanes: 'Codes of lanes; null: all that you may see.',
  event: 'The event’s id.',
  command: 'What to do with it.',
  script: 'Which one.',
};

/** Of objects and inputs. */
const OF_FIELDS: Readonly<Record<string, string>> = {
  id: 'For ever the same; `node(id)` finds it.',
  edges: 'The page’s rows with their cursors.',
  nodes: 'The page’s rows.',
  node: 'The row.',
  cursor: 'Give it as `after` to go on behind this row.',
  pageInfo: 'Whether and where the list goes on.',
  name: 'In English.',
  nameZh: 'In Chinese. 中文名称',
  site: 'The terminal.',
  gate: 'The gate; null when it was at none.',
  lane: 'The lane; null when it was in none.',
  zone: 'The zone; null when it was in none.',
  pass: 'The pass that it belongs to; null for one that you may not see.',
  passes: 'Its passes, oldest first.',
  events: 'The events that follow from it.',
  details: 'Further facts of its kind, as JSON.',
  longitude: 'WGS-84.',
  latitude: 'WGS-84.',
  containerNumber: 'The box. 箱号',
  containerNumbers: 'The boxes. 箱号',
  truckPlate: 'Licence plate of the truck; null when nobody knows it. 车牌号',
  truck: 'Licence plate of the truck. 车牌号',
  container: 'The box. 箱号',
  fullness: 'Laden or empty; null when nobody said.',
  direction: 'Which way.',
  period: 'Only of this time.',
  state: 'Where it stands.',
  nextStates: 'Where it may go from here.',
  deviceCode: 'Code of the device that told it.',
  gatewayCode: 'Code of its gateway.',
  gateway: 'Code of the gateway.',
  occurredAt: 'When it happened, by the device’s clock.',
  recordedAt: 'When it was stored.',
  receivedAt: 'When the gateway heard of it.',
  reportedAt: 'When its gateway last told of it.',
  createdAt: 'When it was made.',
  openedAt: 'When it began.',
  closedAt: 'When it ended.',
  kinds: 'Of these kinds.',
  reason: 'Why; null when nobody said.',
};

const OF_TYPES: readonly (readonly [RegExp, string])[] = [
  [/Connection$/, 'A page of a list, newest first unless the list says otherwise.'],
  [/Edge$/, 'A row and its place in the list.'],
  [/Payload$/, 'What a mutation answers with.'],
];

const ROOTS: Readonly<Record<string, string>> = {
  Query:
    'What can be asked. An answer holds what the asker may see, and an operation that is not the asker’s to ask is FORBIDDEN.',
  Mutation: 'What can be done, each for its idempotency key once.',
  Subscription: 'What is told while it happens, over graphql-ws, under the same rights as a query.',
};

/**
 * Gives scalars what the SDL says of them (their code has no words), and everything that is called as elsewhere its common description.
 * @param sdl what the schema was built from
 */
export function describeSchema(schema: GraphQLSchema, sdl: string): GraphQLSchema {
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== Kind.SCALAR_TYPE_DEFINITION) continue;
    const type = schema.getType(definition.name.value);
    if (!isScalarType(type)) continue;
    type.description = definition.description?.value;
    const [url] = definition.directives?.find(({ name }) => name.value === 'specifiedBy')?.arguments ?? [];
    if (url?.value.kind === Kind.STRING) type.specifiedByURL = url.value.value;
  }
  for (const type of Object.values(schema.getTypeMap())) if (!type.name.startsWith('__')) describeType(type);
  return schema;
}

function describeType(type: GraphQLNamedType): void {
  type.description ??= ROOTS[type.name] ?? OF_TYPES.find(([form]) => form.test(type.name))?.[1];
  if (isInputObjectType(type)) Object.values(type.getFields()).forEach((field) => describe(field, OF_FIELDS));
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of Object.values<GraphQLField<unknown, unknown>>(type.getFields())) {
    describe(field, OF_FIELDS);
    field.args.forEach((arg) => describe(arg, OF_ARGUMENTS));
  }
}

function describe(
  named: { readonly name: string; description: string | null | undefined },
  words: Readonly<Record<string, string>>,
): void {
  named.description ??= words[named.name];
}
