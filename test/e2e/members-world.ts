import { issueToken, type Role } from '#libs/identity';
import { newId } from '#libs/kernel';
import type { ServerOptions } from '../../apps/server/src/server.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { buildWorld, type Tokens } from './graphql-world.js';

/** The world of graphql-world, to which members come. */
export interface MembersHouse extends ApiHouse<Tokens> {
  /** A mutation's own key is drawn here. @returns the code of its first error, or OK */
  outcome(token: string, mutation: string, variables: object): Promise<string>;
  /** Somebody new in a role. @returns their token */
  member(organisationId: string, role: Role): Promise<string>;
}

export async function openMembersHouse(options: Omit<Partial<ServerOptions>, 'database'> = {}): Promise<MembersHouse> {
  const house = await openApiHouse(buildWorld, options);
  return {
    ...house,
    async outcome(token, mutation, variables) {
      return (await house.codeOf(token, mutation, { ...variables, key: newId() })) ?? 'OK';
    },
    member(organisationId, role) {
      return house.database.write(async (tx) => {
        const personId = newId();
        await tx.query('INSERT INTO person (id, display_name) VALUES ($1, $2)', [personId, role]);
        await tx.query('INSERT INTO membership VALUES ($1, $2, $3)', [personId, organisationId, role]);
        return issueToken(tx, { personId, organisationId, role });
      });
    },
  };
}
