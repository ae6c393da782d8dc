import { defaultFieldResolver, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { audited } from '../../audit/audited.js';
import { demandOf, EXPORT, HELD_BY, IN_A_SESSION, OPERATIONS_OF_SCOPE, POLICY } from './policy-table.js';
import type { RequestContext } from './request-context.js';

/** The operations of a schema: `Query.events`, … */
export function operationsOf(schema: GraphQLSchema): readonly string[] {
  return rootTypes(schema).flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

/** Types that carry somebody's rows: all but roots, introspection, and what only wraps others. */
export function heldTypesOf(schema: GraphQLSchema): readonly string[] {
  const roots = rootTypes(schema);
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !roots.includes(type) && !/^__|^PageInfo$|(?:Connection|Edge|Payload)$/.test(type.name))
    .map((type) => type.name);
}

function rootTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type !== undefined && type !== null,
  );
}

/**
 * Puts the table's word before each operation and field that it names.
 * @throws Error for an operation or type without a row and a row without a field or type
 */
export function enforcePolicy(schema: GraphQLSchema): GraphQLSchema {
  refuseGaps(schema);
  const subscriptions = schema.getSubscriptionType();
  for (const operation of Object.keys(POLICY)) {
    const [typeName = '', fieldName = ''] = operation.split('.');
    const type = schema.getType(typeName) as GraphQLObjectType<unknown, RequestContext> | undefined;
    const field = type?.getFields()[fieldName];
    if (field === undefined) throw new Error(`The policy names ${operation}, which the schema does not have`);
    const demand = demandOf(operation);
    if (typeName === subscriptions?.name) {
      const { subscribe } = field;
      field.subscribe = (source, args: unknown, context, info): unknown =>
        audited({ operation, context, args, info, allow: () => context.meet(demand) }, () =>
          subscribe?.(source, args, context, info),
        );
      field.resolve = (payload, _args, context) => {
        context.renew();
        return (payload as Record<string, unknown>)[fieldName];
      };
    } else {
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args: unknown, context, info): unknown =>
        audited({ operation, context, args, info, allow: () => context.meet(demand) }, () =>
          resolve(source, args, context, info),
        );
    }
  }
  return schema;
}

function refuseGaps(schema: GraphQLSchema): void {
  const silent = operationsOf(schema).filter((operation) => POLICY[operation] === undefined);
  if (silent.length > 0) throw new Error(`The policy has no row for ${silent.join(', ')}`);
  const scoped = Object.values(OPERATIONS_OF_SCOPE).flat();
  const unscoped = operationsOf(schema).filter((operation) => scoped.includes(operation) === needsNoScope(operation));
  if (unscoped.length > 0) throw new Error(`The policy does not say which scope is needed for ${unscoped.join(', ')}`);
  const unknown = scoped.filter((operation) => operation !== EXPORT && POLICY[operation] === undefined);
  if (unknown.length > 0) throw new Error(`The policy has scopes for ${unknown.join(', ')}, which it does not name`);
  const types = heldTypesOf(schema);
  const unheld = types.filter((type) => HELD_BY[type] === undefined);
  if (unheld.length > 0) throw new Error(`The policy does not say what holds the rows of ${unheld.join(', ')}`);
  const gone = Object.keys(HELD_BY).filter((type) => !types.includes(type));
  if (gone.length > 0) throw new Error(`The policy holds ${gone.join(', ')}, which the schema does not have`);
}

/** For anybody, or of a session alone. */
function needsNoScope(operation: string): boolean {
  return 'NOBODY' in (POLICY[operation] ?? {}) || IN_A_SESSION.has(operation);
}
