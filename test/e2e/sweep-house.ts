import { PostedSms, Vault, type Role } from '#libs/identity';
import { ManualClock } from '#libs/kernel';
import { expect } from '@jest/globals';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { POLICY } from '../../apps/server/src/api/shared/policy-table.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { TextMessages } from '../support/text-messages.js';
import { AUTHORITIES, SWEEP_TIME } from './sweep-credentials.js';
import { buildSweepWorld, maySee, SECRETS, SIDES, type Asker, type SweepWorld } from './sweep-world.js';

/** The port twice behind a service, and its schema, which says all that can be asked. */
export interface Sweep extends ApiHouse<SweepWorld>, SweepWorld {
  readonly schema: GraphQLSchema;
  readonly vault: Vault;
  readonly clock: ManualClock;
  readonly texts: TextMessages;
  /** All leaves of a type, and those of what it leads to. */
  selection(typeName: string, depth: number): string;
}

export async function openSweep(): Promise<Sweep> {
  const [vault, clock, texts] = [Vault.unkept(), new ManualClock(SWEEP_TIME), await TextMessages.open()];
  const house = await openApiHouse((database) => buildSweepWorld(database, vault), {
    credentials: { vault, clock, authorities: AUTHORITIES, sms: new PostedSms(texts.url, 'a secret of the sweep') },
  });
  const { askers, colleagues } = house.tokens;
  const schema = buildClientSchema(
    await house.data<IntrospectionQuery>(askers[0]?.token ?? '', getIntrospectionQuery()),
  );
  return {
    ...house,
    askers,
    colleagues,
    schema,
    vault,
    clock,
    texts,
    selection: (typeName, depth) => selectionOf(schema, typeName, depth),
    async close() {
      await house.close();
      await texts.close();
    },
  };
}

export const nameOf = ({ role, side }: Asker): string => `${role} ${side}`;
export const mayAsk = (operation: string, role: Role): boolean => POLICY[operation]?.[role] !== undefined;

function selectionOf(schema: GraphQLSchema, typeName: string, depth: number): string {
  const type = schema.getType(typeName);
  if (isLeafType(type)) return '';
  if (!isObjectType(type)) return '{ __typename id }';
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    return depth > 0 ? [`${field.name} ${selectionOf(schema, inner.name, depth - 1)}`] : [];
  });
  return `{ __typename ${fields.join(' ')} }`;
}

/** Each word is told to those who may know it, and to nobody else. */
export function expectSecretsKept(asker: Asker, text: string, only: readonly string[] = Object.keys(SECRETS)): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (!only.includes(name)) continue;
    for (const side of SIDES) {
      expect([nameOf(asker), name, side, text.includes(secret.word(side))]).toEqual([
        nameOf(asker),
        name,
        side,
        maySee(asker, secret, side),
      ]);
    }
  }
}
