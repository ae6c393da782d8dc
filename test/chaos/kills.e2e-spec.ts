import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answersOf, type Answers } from '../support/answers.js';
import { buildOnce, House, readRecording } from '../support/house.js';

/**
 * What must survive in the main job: `kill -9` of the service, and of the gateway, at a
 * seeded moment of the recording; afterwards all are told the same as on a quiet day.
 */
const LANE_3 = 'CNNBO-BLYUA/G1-L3';
const RECORDING = 'chuanshan-lane3-tagged-boxes';
const DAY = { boxes: ['COSU6311696', 'OOLU9878205'], shipment: 'TWLBK1001' };
/** Each day that runs has a database, a service and a gateway of its own. */
const AT_ONCE = 3;
/** CI plays all ten of each; an everyday run a few. BOXTRAIL_CHAOS_ROUNDS says otherwise. */
const ROUNDS = Number(process.env['BOXTRAIL_CHAOS_ROUNDS'] ?? (process.env['CI'] === 'true' ? 10 : 2));

const chunks = readRecording(RECORDING);
/** Spread over the whole recording, from the first loop to the last: round r of n dies behind this chunk. */
const momentOf = (round: number): number => Math.floor(((round + 0.5) * (chunks.length - 2)) / ROUNDS) + 1;

type Victim = 'nobody' | 'service' | 'gateway';

async function dayWith(victim: Victim, afterChunk: number): Promise<Answers> {
  const house = await House.open({ reader: 'tcp', lanes: [LANE_3] });
  let restarted: Promise<void> = Promise.resolve();
  try {
    const run = {
      nobody: () => Promise.resolve(),
      service: async () => {
        // The truck drives on: only a dead gateway makes the wire pause.
        await house.killServer();
        restarted = house.startServer();
      },
      gateway: async () => {
        await house.killGateway();
        await house.startGateway();
      },
    }[victim];
    await house.play(RECORDING, { afterChunk, run });
    await restarted;
    await house.passesStored(1);
    await house.settled(DAY.boxes);
    return await answersOf(house, DAY);
  } finally {
    await Promise.allSettled([restarted]);
    await house.close();
  }
}

/** Runs what it is given in that order, so many at once. */
function inTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const lanes = Array.from({ length: most }, () => Promise.resolve());
  let given = 0;
  return (work) => {
    const lane = given++ % most;
    const done = lanes[lane]?.then(work) ?? work();
    lanes[lane] = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };
}

describe(`kill -9 in the middle of a pass, ${ROUNDS} times each`, () => {
  const days: { readonly victim: Victim; readonly afterChunk: number; readonly answers: Promise<Answers> }[] = [];

  beforeAll(async () => {
    await buildOnce();
    const turn = inTurns(AT_ONCE);
    const play = (victim: Victim, afterChunk: number): void => {
      const answers = turn(() => dayWith(victim, afterChunk));
      // who asks for the answers is told of the failure then
      answers.catch(() => undefined);
      days.push({ victim, afterChunk, answers });
    };
    play('nobody', 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      play('service', momentOf(round));
      play('gateway', momentOf(round));
    }
  });

  afterAll(() => Promise.allSettled(days.map(({ answers }) => answers)), 600_000);

  it.each(['service', 'gateway'] as const)(
    'of the %s changes no answer',
    async (killed) => {
      const quiet = await days.find(({ victim }) => victim === 'nobody')?.answers;
      const played = days.filter(({ victim }) => victim === killed);
      expect(played).toHaveLength(ROUNDS);
      for (const { afterChunk, answers } of played) {
        expect({ afterChunk, answers: await answers }).toEqual({ afterChunk, answers: quiet });
      }
    },
    600_000,
  );
});
