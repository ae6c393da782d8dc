import { DomainError } from '#libs/kernel';
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { checkPageSize } from './connection.js';
import { LIMITS } from './limits.js';

/** Taken as the length of a list that has no page, such as the boxes of a shipment. */
const USUAL_LENGTH = 10;

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Most objects that an operation's answer can hold, by the pages that it asks for: a connection counts `first` times what one of
 * its nodes does, a list without a page ten times. Needs a valid document; nothing has run yet.
 * @throws DomainError INVALID_PAGE_SIZE for a page out of bounds anywhere in it, LIMIT_EXCEEDED for more than `LIMITS.nodes`
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const counted = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    const known = counted.get(name);
    if (known !== undefined) return known;
    counted.set(name, 0);
    const cost = ofSelection(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    counted.set(name, cost);
    return cost;
  };
  const ofSelection = (set: SelectionSetNode, type: GraphQLNamedType | undefined): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(selection.name.value);
      if (selection.kind === Kind.FIELD) return sum + ofField(selection, type);
      const condition = selection.typeCondition?.name.value;
      return sum + ofSelection(selection.selectionSet, condition === undefined ? type : schema.getType(condition));
    }, 0);
  const ofField = (node: FieldNode, parent: GraphQLNamedType | undefined): number => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (field === undefined || node.selectionSet === undefined) return 0;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return 0;
    return timesOf(field, node, parent, variables) * (1 + ofSelection(node.selectionSet, type));
  };

  const operation = document.definitions.find(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      (operationName === null || operationName === undefined || definition.name?.value === operationName),
  );
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return 0;
  const cost = ofSelection(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  if (cost > LIMITS.nodes) {
    throw new DomainError('LIMIT_EXCEEDED', {
      field: 'query',
      limit: 'objects that an answer can hold',
      value: cost,
      expected: `at most ${LIMITS.nodes}: smaller pages`,
    });
  }
  return cost;
}

/** `nodes` and `edges` of a connection are its page, which the connection itself counts. */
function timesOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  parent: GraphQLNamedType | undefined,
  variables: Variables,
): number {
  const page = field.args.find(({ name }) => name === 'first');
  if (page !== undefined) {
    const first = valueOf(node, variables) ?? page.defaultValue;
    // A wrong type is GraphQL's own complaint, and nothing runs behind it.
    if (typeof first !== 'number') return 1;
    checkPageSize(first);
    return first;
  }
  return isList(field.type) && parent?.name.endsWith('Connection') !== true ? USUAL_LENGTH : 1;
}

function valueOf(node: FieldNode, variables: Variables): unknown {
  const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (value?.kind === Kind.INT) return Number(value.value);
  return value?.kind === Kind.VARIABLE ? variables?.[value.name.value] : undefined;
}

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));
