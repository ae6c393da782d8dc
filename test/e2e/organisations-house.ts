import { allowedNetworks } from '#libs/exchange';
import { newId } from '#libs/kernel';
import { boxNumber } from './graphql-world.js';
import { openMembersHouse, type MembersHouse } from './members-world.js';

export const OPERATOR = newId();

export interface Standing {
  readonly state: string;
  readonly nextStates: readonly string[] | null;
  readonly papers: readonly {
    readonly kind: string;
    readonly verdict: string | null;
    readonly verifiedBy: string | null;
    readonly verifiedAt: string | null;
  }[];
  readonly history: readonly {
    readonly command: string;
    readonly fromState: string | null;
    readonly toState: string;
    readonly at: string;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
}

/** Companies, and those who look after them. */
export interface OrganisationsHouse extends MembersHouse {
  /** Two people of the platform operator, and its security administrator. */
  readonly clerk: string;
  readonly judge: string;
  readonly security: string;
  /** What an operator is told of an organisation. */
  standing(id: string): Promise<Standing>;
  /** A command without more than its reason. @returns the code of its refusal, or OK */
  step(token: string, name: string, organisation: string, reason?: string): Promise<string>;
  /** Books a box that nobody has. @returns the code of its refusal, or OK */
  book(token: string): Promise<string>;
}

export async function openOrganisationsHouse(): Promise<OrganisationsHouse> {
  const house = await openMembersHouse({
    // What closes a socket here is that it was told, and not that it was looked at again.
    liveLimits: { recheckMs: 3_600_000 },
    webhooks: { networks: allowedNetworks(['127.0.0.0/8']), times: { pollMs: 20, answerMs: 60_000, pausesMs: [50] } },
    // One page of an export, and then it waits for points.
    gate: { rates: { principalPoints: 1_000 } },
  });
  await house.database.write((tx) =>
    tx.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'PLATFORM_OPERATOR', 'operator', '平台', 'OPERATOR', 'VERIFIED')`,
      [OPERATOR],
    ),
  );
  const clerk = await house.member(OPERATOR, 'PLATFORM_OPERATOR');
  let serial = 600_000;

  async function standing(id: string): Promise<Standing> {
    const { node } = await house.data<{ node: Standing }>(
      clerk,
      `query ($id: ID!) { node(id: $id) { ... on Organisation {
      state nextStates papers { kind verdict verifiedBy verifiedAt } history { command fromState toState at by reason } } } }`,
      { id },
    );
    return node;
  }

  return {
    ...house,
    clerk,
    judge: await house.member(OPERATOR, 'PLATFORM_OPERATOR'),
    security: await house.member(OPERATOR, 'SECURITY_ADMINISTRATOR'),
    standing,
    step: (token, name, organisation, reason) =>
      house.outcome(
        token,
        `mutation ($organisation: ID!, ${reason === undefined ? '' : '$reason: String!, '}$key: IdempotencyKey!) {
      ${name}(organisation: $organisation, ${reason === undefined ? '' : 'reason: $reason, '}idempotencyKey: $key) { __typename } }`,
        { organisation, ...(reason === undefined ? {} : { reason }) },
      ),
    book: (token) =>
      house.outcome(
        token,
        `mutation ($input: BookShipmentInput!, $key: IdempotencyKey!) { bookShipment(input: $input, idempotencyKey: $key) { __typename } }`,
        {
          input: {
            reference: 'R',
            trade: 'EXPORT',
            role: 'FORWARDER',
            containers: [{ number: boxNumber((serial += 1)) }],
          },
        },
      ),
  };
}
