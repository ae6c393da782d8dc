import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { announce } from './append.js';
import { OutboxFollower } from './follow.js';

const HOUR_MS = 3_600_000;

let store: TestDatabase;
let database: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
}, 60_000);

afterAll(async () => {
  await database.close();
  await store.drop();
});

describe('a follower of the outbox', () => {
  it('is woken by each commit, however seldom it looks by itself', async () => {
    const told: string[] = [];
    let heard: () => void = () => undefined;
    const follower = new OutboxFollower(
      database,
      (entries) => {
        told.push(...entries.map(({ subjectId }) => subjectId));
        heard();
        return Promise.resolve();
      },
      createLogger('spec', 'silent'),
      HOUR_MS,
    );
    await follower.start();
    const announced: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const next = new Promise<void>((resolve) => (heard = resolve));
      const subjectId = newId();
      announced.push(subjectId);
      await database.write((tx) => announce(tx, [{ topic: 'event', siteId: 'site', subjectId }]));
      await next;
    }
    await follower.stop();
    expect(told).toEqual(announced);
  });
});
