import 'reflect-metadata';
import type { EventKind } from '#libs/journal';
import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import {
  BoxtrailClient,
  BoxtrailError,
  JournalEnd,
  OneContainer,
  PortEvents,
  WhoAmI,
} from '../../clients/typescript/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { reservePort } from '../support/ports.js';
import { allReadable } from '../support/readable.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, SITE_A, tell, type Tokens } from './graphql-world.js';

let store: TestDatabase;
let database: Database;
let tokens: Tokens;
let server: BoxtrailServer;
let url: string;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  // the service comes back on it, so nobody may get it meanwhile
  url = await serve(await reservePort());
});

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

async function serve(port: number): Promise<string> {
  server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent') });
  return server.listen(port, '127.0.0.1');
}

const clientOf = (token: string): BoxtrailClient =>
  new BoxtrailClient({ url, token, caseNumber: '甬关查〔2026〕0001号', webSocketImpl: WebSocket, firstPauseMs: 50 });

describe('the TypeScript client', () => {
  it('asks with types, and pages', async () => {
    const client = clientOf(tokens.customs);
    expect((await client.ask(WhoAmI, {})).viewer.role).toBe('CUSTOMS_OFFICER');
    await tell(
      database,
      fact('client 1', { occurredAt: HANDOVER + DAY }),
      fact('client 2', { occurredAt: HANDOVER + DAY + 1 }),
    );
    const first = await client.ask(PortEvents, { first: 1 });
    const second = await client.ask(PortEvents, { first: 1, after: first.events.pageInfo.endCursor });
    expect([first, second].map(({ events }) => events.nodes.length)).toEqual([1, 1]);
    expect(second.events.nodes[0]?.id).not.toBe(first.events.nodes[0]?.id);
  });

  it('throws what the service refuses, with its code', async () => {
    const foreign = clientOf(tokens.stranger).ask(OneContainer, { number: BOXES.reused });
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false, messageZh: expect.any(String) });
    await expect(clientOf('bxt_nobody').ask(WhoAmI, {})).rejects.toBeInstanceOf(BoxtrailError);
  });

  it('follows events through a restart of the service, and misses and doubles none', async () => {
    const abort = new AbortController();
    const told: string[] = [];
    const client = clientOf(tokens.tidewell);
    const happened: string[] = [];
    const happen = async (cause: string, kind: EventKind): Promise<void> => {
      const [id = ''] = await tell(database, fact(cause, { occurredAt: HANDOVER + 2 * DAY, kind }));
      happened.push(globalId('TrackingEvent', SITE_A, id));
    };
    // What the others told must lie before the cursor.
    await allReadable(database);
    // A cursor from before: an event that comes while the first subscription is under way is told too.
    const { journalEnd: after } = await client.ask(JournalEnd, {});
    let isFollowing: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (isFollowing = resolve));
    const following = (async () => {
      for await (const event of client.follow({ after, signal: abort.signal })) {
        told.push(event.id);
        isFollowing();
        if (told.length === 3) abort.abort();
      }
    })();
    await happen('before the restart', 'ContainerGatedIn');
    await first;
    const port = Number(new URL(url).port);
    await server.close();
    await happen('while it is away', 'ZoneEntered');
    await serve(port);
    await happen('after the restart', 'ZoneExited');
    await following;
    expect(told).toEqual(happened);
  });

  it('ends with the service’s word when the token is not valid', async () => {
    await expect(clientOf('bxt_nobody').follow({ after: 'MS4x' }).next()).rejects.toMatchObject({ code: 4403 });
  });
});
