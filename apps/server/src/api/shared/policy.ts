import type { Role } from '#libs/identity';
import { defaultFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { RequestContext } from './request-context.js';

const EVERYONE: readonly Role[] = ['GATE_OPERATOR', 'LOGISTICS', 'CUSTOMS_OFFICER'];
const GATE: readonly Role[] = ['GATE_OPERATOR'];
const GATE_AND_CUSTOMS: readonly Role[] = ['GATE_OPERATOR', 'CUSTOMS_OFFICER'];
const COMPANY_AND_CUSTOMS: readonly Role[] = ['LOGISTICS', 'CUSTOMS_OFFICER'];

/** Who may ask what. Every operation has a row; below it row-level security decides which rows there are. */
export const POLICY: Readonly<Record<string, readonly Role[]>> = {
  'Query.viewer': EVERYONE,
  'Query.node': EVERYONE,
  'Query.sites': EVERYONE,
  'Query.zones': EVERYONE,
  'Query.lanes': GATE_AND_CUSTOMS,
  'Query.container': EVERYONE,
  'Query.events': EVERYONE,
  'Query.shipment': COMPANY_AND_CUSTOMS,
  'Query.shipments': COMPANY_AND_CUSTOMS,
  'Query.passes': GATE_AND_CUSTOMS,
  'Query.truckVisits': GATE_AND_CUSTOMS,
  'Query.unresolvedObservations': GATE,
  'Query.alerts': GATE_AND_CUSTOMS,
  'Query.devices': GATE_AND_CUSTOMS,
  'Query.gateways': GATE_AND_CUSTOMS,
  'Query.refusedInputs': GATE,
  'Mutation.ping': EVERYONE,
  'Mutation.reportPass': GATE,
  'Mutation.resolveObservation': GATE,
  'Mutation.acknowledgeAlert': GATE,
  'Subscription.hello': EVERYONE,
  'Subscription.eventRecorded': EVERYONE,
  'Subscription.passRecorded': GATE_AND_CUSTOMS,
  'Subscription.alertRaised': GATE,
  'Container.chain': GATE_AND_CUSTOMS,
  'Lane.passes': GATE_AND_CUSTOMS,
};

/** The operations of a schema: `Query.events`, … */
export function operationsOf(schema: GraphQLSchema): readonly string[] {
  return rootTypes(schema).flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

function rootTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type !== undefined && type !== null,
  );
}

/**
 * Puts the table's word before each operation and field that it names.
 * @throws Error for an operation without a row and a row without a field
 */
export function enforcePolicy(schema: GraphQLSchema): GraphQLSchema {
  const silent = operationsOf(schema).filter((operation) => POLICY[operation] === undefined);
  if (silent.length > 0) throw new Error(`The policy has no row for ${silent.join(', ')}`);
  const subscriptions = schema.getSubscriptionType();
  for (const [operation, roles] of Object.entries(POLICY)) {
    const [typeName = '', fieldName = ''] = operation.split('.');
    const type = schema.getType(typeName) as GraphQLObjectType<unknown, RequestContext> | undefined;
    const field = type?.getFields()[fieldName];
    if (field === undefined) throw new Error(`The policy names ${operation}, which the schema does not have`);
    if (typeName === subscriptions?.name) {
      const { subscribe } = field;
      field.subscribe = (source, args: unknown, context, info): unknown => {
        context.requireRole(operation, roles);
        return subscribe?.(source, args, context, info);
      };
      field.resolve = (payload, _args, context) => {
        context.renew();
        return (payload as Record<string, unknown>)[fieldName];
      };
    } else {
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args: unknown, context, info): unknown => {
        context.requireRole(operation, roles);
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}
