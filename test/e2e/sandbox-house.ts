import { randomBytes } from 'node:crypto';
import { allowedNetworks } from '#libs/exchange';
import { SecretBox, Vault } from '#libs/identity';
import { newId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { openSandbox } from '../../apps/server/src/sandbox/sandbox-ground.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { buildWorld, fact, tell, type Tokens } from './graphql-world.js';

export type People = Readonly<Record<'GATE_OPERATOR' | 'LOGISTICS' | 'CUSTOMS_OFFICER', string>>;

/** Acme's. */
export const SITE = 'ZZSBX-ACME';

export interface Run {
  readonly containerNumber: string;
  readonly truckPlate: string;
  readonly sealNumber: string;
  readonly shipmentReference: string;
  readonly journalCursor: string;
  readonly expects: readonly string[];
  readonly site: { readonly code: string };
}

export const RUN = `mutation ($script: SandboxScript!, $key: IdempotencyKey!) { runSandboxScript(script: $script, idempotencyKey: $key) {
  run { script containerNumber truckPlate sealNumber shipmentReference journalCursor expects site { code } } } }`;

export interface SandboxHouse extends ApiHouse<Tokens> {
  /** Acme's people, and those of another sandbox; the port's are in `tokens`. */
  readonly acme: People;
  readonly other: People;
  /** @param token by itself that of Acme's company */
  run(script: string, token?: string, key?: string): Promise<Run>;
  /** Opens one, or draws new tokens for one that is there. */
  sandboxed(name: string): Promise<People>;
}

/** The port with an event, beside it two sandboxes, and webhooks that may go to this machine. */
export async function openSandboxHouse(): Promise<SandboxHouse> {
  const vault = Vault.unkept();
  const sandboxed = async (name: string, into: Database): Promise<People> => {
    const { tokens } = await into.write((tx) => openSandbox(tx, vault, name));
    return Object.fromEntries(tokens.map(({ role, token }) => [role, token])) as People;
  };
  const sandboxes: People[] = [];
  const house = await openApiHouse(
    async (empty) => {
      const tokens = await buildWorld(empty);
      await tell(empty, fact('in the port', {}));
      for (const name of ['ACME', 'OTHER']) sandboxes.push(await sandboxed(name, empty));
      return tokens;
    },
    {
      credentials: { vault },
      webhooks: {
        box: new SecretBox(randomBytes(32)),
        networks: allowedNetworks(['127.0.0.0/8']),
        times: { pollMs: 20, answerMs: 60_000, pausesMs: [50] },
      },
    },
  );
  const [acme, other] = sandboxes as [People, People];
  return {
    ...house,
    acme,
    other,
    sandboxed: (name) => sandboxed(name, house.database),
    async run(script, token = acme.LOGISTICS, key = newId()) {
      const answer = await house.data<{ runSandboxScript: { run: Run } }>(token, RUN, { script, key });
      return answer.runSandboxScript.run;
    },
  };
}
