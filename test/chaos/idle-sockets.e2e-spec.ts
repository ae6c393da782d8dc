import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openApiHouse, total, type ApiHouse, type Heard } from '../support/api-house.js';
import { buildOnce } from '../support/house.js';
import { until } from '../support/until.js';
import { BOXES, buildWorld, fact, TODAY, tell, type Tokens } from '../e2e/graphql-world.js';

/** What else a process of the test opens: pools, pipes, files of modules. */
const OTHER_FILES = 1_000;
/** Node raises its soft limit to the hard one by itself. */
const { hard } = (process.report.getReport() as { userLimits: { open_files: { hard: number | 'unlimited' } } })
  .userLimits.open_files;
const COUNT = Math.min(10_000, (hard === 'unlimited' ? Infinity : hard) - OTHER_FILES);

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  await buildOnce();
  house = await openApiHouse(buildWorld, { liveLimits: { sockets: COUNT, initTimeoutMs: 10_000 } });
});

afterAll(() => house.close());

interface Told {
  readonly eventRecorded: { readonly containerNumber: string };
}
const subscriber = (): Promise<Heard<Told>> =>
  house.listen<Told>(house.tokens.customs, 'subscription { eventRecorded { containerNumber } }');

class Idlers {
  readonly told: { opened?: number; closed?: Readonly<Record<string, number>> } = {};
  private readonly child: ChildProcess;

  constructor() {
    this.child = fork(join(import.meta.dirname, '../../dist/test/chaos/idle-sockets.child.js'), { execArgv: [] });
    this.child.on('message', (message) => Object.assign(this.told, message));
    this.child.send({ url: house.socketUrl, count: COUNT });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}

describe(`${COUNT} WebSockets that say nothing`, () => {
  it('keep nobody out, are closed with 4408, and leave nothing behind', async () => {
    const [subscriptions, sockets] = [house.server.metrics.subscriptions, house.server.metrics.sockets];
    const first = await subscriber();
    const idlers = new Idlers();
    let most = 0;
    try {
      await until('all to be opened', async () => {
        most = Math.max(most, await total(sockets));
        return idlers.told.opened !== undefined;
      });
      const second = await subscriber();
      expect((await request(house.url).get('/health/ready')).status).toBe(200);
      const asked = await house.ask(house.tokens.customs, '{ viewer { role } }');
      expect(asked).toEqual({ data: { viewer: { role: 'CUSTOMS_OFFICER' } } });
      await tell(house.database, fact('while they idle', { occurredAt: TODAY }));
      await until('both subscribers to hear of it', () => first.values.length > 0 && second.values.length > 0);
      const told = [{ eventRecorded: { containerNumber: BOXES.reused } }];
      expect([first.values, second.values]).toEqual([told, told]);
      await until('all idle ones to be closed', () => idlers.told.closed !== undefined);
      // 1006: the oldest made room for those who came to a full house
      const { 4408: silent = 0, 1006: pushedOut = 0, ...otherwise } = idlers.told.closed ?? {};
      expect(otherwise).toEqual({});
      expect(silent + pushedOut).toBe(COUNT);
      expect(pushedOut).toBeLessThan(COUNT / 10);
      expect(most).toBeLessThanOrEqual(COUNT);
      await until('only the two subscribers to be left', async () => (await total(sockets)) === 2);
      expect([await total(subscriptions), first.ends, second.ends]).toEqual([2, [], []]);
    } finally {
      await idlers.stop();
    }
  });
});
