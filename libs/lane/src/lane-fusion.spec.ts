import { describe, expect, it } from '@jest/globals';
import { derivedId } from '#libs/kernel';
import type { LanePass } from './gate-pass.js';
import { MAX_SESSION_TAGS, MAX_SESSION_TEXTS } from './lane-session.js';
import { gateway, lane, LaneStory, play, T0 } from './lane-story.js';
import { advance, createPipelineState, onReading, type PipelineStep } from './pipeline.js';

const IN = lane('IN');
const OUT = lane('OUT', { direction: 'OUT' });
const BOTH = lane('BOTH', { direction: 'REVERSIBLE' });
const FREE = lane('FREE', { acceptance: 'EXIT' });
const ONE = lane('ONE', { loops: ['ONLY'] });
const ONE_BOTH = lane('ONE_BOTH', { loops: ['ONLY'], direction: 'REVERSIBLE' });
const ONE_FREE = lane('ONE_FREE', { loops: ['ONLY'], direction: 'OUT', acceptance: 'EXIT' });
const BARE = lane('BARE', { loops: [], direction: 'REVERSIBLE' });
const BARE_FREE = lane('BARE_FREE', { loops: [], direction: 'REVERSIBLE', acceptance: 'EXIT' });
const NEXT = lane('NEXT');
const BARE_NEXT = lane('BARE_NEXT', { loops: [], direction: 'REVERSIBLE' });
const GATE = gateway([IN, OUT, BOTH, FREE, ONE, ONE_BOTH, ONE_FREE, BARE, BARE_FREE, NEXT, BARE_NEXT]);

const run = (story: LaneStory) => play(GATE, story.readings());

/** The story's one pass. */
function onePass(story: LaneStory): LanePass {
  const { passes } = run(story);
  expect(passes).toHaveLength(1);
  return passes[0] as LanePass;
}

const verdictOf = ({ direction, directionSource, outcome, closedBy }: LanePass) =>
  `${direction} ${directionSource} ${outcome} ${closedBy}`;
const epcs = (pass: LanePass | undefined) => pass?.tags.map(({ epc }) => epc);

/** Onto the first loop, onto the second, off the first, off the second: 6 s. */
function through(story: LaneStory, from: number, entry: 'LANDSIDE' | 'TERMINALSIDE'): LaneStory {
  const exit = entry === 'LANDSIDE' ? 'TERMINALSIDE' : 'LANDSIDE';
  story
    .at(from)
    .drivesOnto(entry)
    .at(from + 3_000)
    .drivesOnto(exit);
  return story
    .at(from + 4_000)
    .leaves(entry)
    .at(from + 6_000)
    .leaves(exit);
}

/** Onto the first loop and back off it: 6 s. */
function backs(story: LaneStory, from: number): LaneStory {
  return story
    .at(from)
    .drivesOnto('LANDSIDE')
    .at(from + 6_000)
    .leaves('LANDSIDE');
}

describe('a lane with a loop on each side', () => {
  const cases: readonly [name: string, verdict: string, story: LaneStory][] = [
    [
      'accepted on the way in',
      'IN LOOPS CROSSED LOOP',
      through(new LaneStory('IN').at(2_000).isAccepted(), 0, 'LANDSIDE'),
    ],
    [
      'accepted on the way out',
      'OUT LOOPS CROSSED LOOP',
      through(new LaneStory('OUT').at(2_000).isAccepted(), 0, 'TERMINALSIDE'),
    ],
    [
      'accepted in a reversible lane, outwards',
      'OUT LOOPS CROSSED LOOP',
      through(new LaneStory('BOTH').at(2_000).isAccepted(), 0, 'TERMINALSIDE'),
    ],
    [
      'against the lane: the loops are believed',
      'OUT LOOPS UNDECIDED LOOP',
      through(new LaneStory('IN'), 0, 'TERMINALSIDE'),
    ],
    ['refused and turned back', 'IN LOOPS REFUSED LOOP', backs(new LaneStory('IN').at(2_000).isRefused(), 0)],
    ['turned back without refusal', 'IN LOOPS TURNED_BACK LOOP', backs(new LaneStory('IN'), 0)],
    [
      'accepted, and turned back all the same',
      'IN LOOPS TURNED_BACK LOOP',
      backs(new LaneStory('IN').at(2_000).isAccepted(), 0),
    ],
    ['through without a decision', 'IN LOOPS UNDECIDED LOOP', through(new LaneStory('IN'), 0, 'LANDSIDE')],
    [
      'refused, and through all the same: nobody turned it away',
      'IN LOOPS UNDECIDED LOOP',
      through(new LaneStory('IN').at(2_000).isRefused(), 0, 'LANDSIDE'),
    ],
    [
      'refused first and accepted at last',
      'IN LOOPS CROSSED LOOP',
      through(new LaneStory('IN').at(1_000).isRefused().at(2_000).isAccepted('OPERATOR'), 0, 'LANDSIDE'),
    ],
    [
      'accepted first and refused at last, backs out over both loops',
      'IN LOOPS REFUSED LOOP',
      new LaneStory('IN')
        .at(0)
        .drivesOnto('LANDSIDE')
        .at(1_000)
        .isAccepted()
        .at(2_000)
        .drivesOnto('TERMINALSIDE')
        .at(3_000)
        .isRefused()
        .at(4_000)
        .leaves('TERMINALSIDE')
        .at(6_000)
        .leaves('LANDSIDE'),
    ],
    ['free flow: leaving is acceptance', 'IN LOOPS CROSSED LOOP', through(new LaneStory('FREE'), 0, 'LANDSIDE')],
    ['free flow, turned back', 'IN LOOPS TURNED_BACK LOOP', backs(new LaneStory('FREE'), 0)],
    [
      'both loops in one millisecond: the lane says the way',
      'IN LANE CROSSED LOOP',
      new LaneStory('IN')
        .at(0)
        .drivesOnto('TERMINALSIDE')
        .drivesOnto('LANDSIDE')
        .at(1_000)
        .isAccepted()
        .at(3_000)
        .leaves('LANDSIDE')
        .at(4_000)
        .leaves('TERMINALSIDE'),
    ],
    [
      'both loops in one millisecond of a reversible lane: the antennas say the way',
      'OUT ANTENNAS CROSSED LOOP',
      new LaneStory('BOTH')
        .at(0)
        .drivesOnto('TERMINALSIDE')
        .drivesOnto('LANDSIDE')
        .at(500)
        .tagHeard('T', 2)
        .at(1_000)
        .isAccepted()
        .at(2_000)
        .tagHeard('T', 1)
        .at(3_000)
        .leaves('TERMINALSIDE')
        .at(4_000)
        .leaves('LANDSIDE'),
    ],
    [
      'a beam on a side is as good as a loop',
      'IN LOOPS CROSSED LOOP',
      new LaneStory('IN')
        .at(0)
        .drivesOnto('LANDSIDE', 'BEAM')
        .at(500)
        .drivesOnto('LANDSIDE')
        .at(1_000)
        .isAccepted()
        .at(2_000)
        .drivesOnto('TERMINALSIDE')
        .at(3_000)
        .leaves('LANDSIDE', 'BEAM')
        .at(3_500)
        .leaves('LANDSIDE')
        .at(5_000)
        .leaves('TERMINALSIDE'),
    ],
  ];

  it.each(cases)('%s: %s', (_name, verdict, story) => {
    expect(verdictOf(onePass(story))).toBe(verdict);
  });

  it('occurs when its session opens, is closed when its exit loop falls, and is named by the opening reading', () => {
    const pass = onePass(through(new LaneStory('IN').at(2_000).isAccepted(), 0, 'LANDSIDE'));
    expect(pass.occurredAt).toBe(T0);
    expect(pass.closedAt).toBe(T0 + 6_000);
    expect(pass.passId).toBe(derivedId('pass', 'CNNBO-BLYUA', 'IN', 'IN-IO', 'b0', 1));
    expect(pass.causes).toEqual([
      { deviceId: 'IN-IO', boot: 'b0', sequence: 1 },
      { deviceId: 'IN-IO', boot: 'b0', sequence: 5 },
    ]);
    expect(pass.decision).toEqual({ verdict: 'ACCEPTED', by: 'TOS', reason: null, at: T0 + 2_000 });
  });

  it('takes no decision that comes while the lane is empty', () => {
    const { passes, state } = run(through(new LaneStory('IN').at(0).isAccepted(), 100, 'LANDSIDE'));
    expect(passes.map(({ outcome }) => outcome)).toEqual(['UNDECIDED']);
    expect(state.lanes.counters.decisionsUnheard).toBe(1);
  });

  it('does not take a barrier for a decision or a truck', () => {
    expect(run(new LaneStory('IN').at(0).barrier(true).at(9_000).barrier(false)).passes).toEqual([]);
    const pass = onePass(through(new LaneStory('IN').at(2_000).barrier(true), 0, 'LANDSIDE'));
    expect(pass.outcome).toBe('UNDECIDED');
  });

  it('takes no notice of a loop that the lane does not have', () => {
    expect(run(new LaneStory('IN').at(0).drivesOnto('ONLY').at(5_000).leaves('ONLY')).passes).toEqual([]);
    expect(run(new LaneStory('BARE').at(0).drivesOnto('LANDSIDE').at(5_000).leaves('LANDSIDE')).passes).toEqual([]);
  });
});

describe('a chattering loop', () => {
  it('does not close the session while it is off for less than 300 ms', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(500).isAccepted();
    for (let at = 1_000; at < 5_000; at += 400)
      story
        .at(at)
        .leaves('LANDSIDE')
        .at(at + 299)
        .drivesOnto('LANDSIDE');
    story.at(5_500).drivesOnto('TERMINALSIDE').at(6_000).leaves('LANDSIDE').at(8_000).leaves('TERMINALSIDE');
    expect(verdictOf(onePass(story))).toBe('IN LOOPS CROSSED LOOP');
  });

  it('closes the session when it was off for 300 ms', () => {
    const story = backs(new LaneStory('IN'), 0).at(6_300).drivesOnto('LANDSIDE').at(9_000).leaves('LANDSIDE');
    expect(run(story).passes.map(({ closedAt }) => closedAt - T0)).toEqual([6_000, 9_000]);
  });

  it('of the entry side that flickers after the truck left it turns nobody back', () => {
    const story = through(new LaneStory('IN').at(2_000).isAccepted(), 0, 'LANDSIDE');
    story.at(5_950).drivesOnto('LANDSIDE').at(6_100).leaves('LANDSIDE');
    expect(verdictOf(onePass(story))).toBe('IN LOOPS CROSSED LOOP');
  });
});

/** For each pass the ms at which it closed, and the number of the reading with which it was told; null: only time told it. */
function told(story: LaneStory): [closedAtMs: number, withReading: number | null][] {
  let state = createPipelineState(GATE);
  const passes: [number, number | null][] = [];
  const take = (step: PipelineStep, reading: number | null): void => {
    state = step.state;
    for (const item of step.items) if (item.kind === 'pass') passes.push([item.pass.closedAt - T0, reading]);
  };
  const readings = story.readings();
  readings.forEach((reading, index) => {
    take(advance(state, reading.receivedAt), null);
    take(onReading(state, reading, reading.receivedAt), index + 1);
  });
  take(advance(state, (readings.at(-1)?.receivedAt ?? T0) + 3_600_000), null);
  return passes;
}

describe('a pass is told', () => {
  const inAndOff = (entryFalls: number, exitRises: number, exitFalls: number) =>
    new LaneStory('IN')
      .at(0)
      .drivesOnto('LANDSIDE')
      .at(exitRises)
      .drivesOnto('TERMINALSIDE')
      .at(entryFalls)
      .leaves('LANDSIDE')
      .at(exitFalls)
      .leaves('TERMINALSIDE');
  const bothAtOnce = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').drivesOnto('TERMINALSIDE');
  const chattered = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(3_000).drivesOnto('TERMINALSIDE');
  chattered.at(3_100).leaves('LANDSIDE').at(3_350).leaves('TERMINALSIDE').at(3_360).drivesOnto('TERMINALSIDE');

  const cases: readonly [name: string, expected: [number, number | null], story: LaneStory][] = [
    ['with the fall of the exit loop', [6_000, 4], through(new LaneStory('IN'), 0, 'LANDSIDE')],
    ['with the fall of the exit loop, outwards', [6_000, 4], through(new LaneStory('BOTH'), 0, 'TERMINALSIDE')],
    ['at once when the entry fell 300 ms before', [6_000, 4], inAndOff(5_700, 3_000, 6_000)],
    ['300 ms later when the entry fell 299 ms before', [6_000, null], inAndOff(5_701, 3_000, 6_000)],
    ['at once when the exit was on for 300 ms', [6_000, 4], inAndOff(5_700, 5_700, 6_000)],
    ['300 ms later when the exit was on for 299 ms', [6_000, null], inAndOff(5_700, 5_701, 6_000)],
    [
      'at once when the exit chattered and was on long enough in all',
      [4_000, 6],
      chattered.at(4_000).leaves('TERMINALSIDE'),
    ],
    ['300 ms after a truck backed off', [6_000, null], backs(new LaneStory('IN'), 0)],
    [
      '300 ms after the fall of a lone loop',
      [6_000, null],
      new LaneStory('ONE').at(0).drivesOnto('ONLY').at(6_000).leaves('ONLY'),
    ],
    [
      '300 ms after the fall when nobody knows which loop was first',
      [6_000, null],
      bothAtOnce.at(4_000).leaves('LANDSIDE').at(6_000).leaves('TERMINALSIDE'),
    ],
    [
      '300 ms after the last fall when a beam of the entry is the last',
      [6_000, null],
      inAndOff(4_000, 3_000, 5_000).at(100).drivesOnto('LANDSIDE', 'BEAM').at(6_000).leaves('LANDSIDE', 'BEAM'),
    ],
  ];

  it.each(cases)('%s: %j', (_name, expected, story) => {
    expect(told(story)).toEqual([expected]);
  });
});

describe('the exit loop that rises again behind a truck that left at 6 s', () => {
  const left = () => through(new LaneStory('IN').at(500).tagHeard('A', 1).isAccepted(), 0, 'LANDSIDE');
  const flickers = (story: LaneStory, rise: number, fall: number) =>
    story.at(rise).drivesOnto('TERMINALSIDE').at(fall).leaves('TERMINALSIDE');
  const cases: readonly [name: string, openedAt: readonly number[], story: LaneStory][] = [
    ['for 100 ms belongs to it', [0], flickers(left(), 6_100, 6_200)],
    ['for 299 ms belongs to it', [0], flickers(left(), 6_100, 6_399)],
    ['for 300 ms is the next truck, since its rise', [0, 6_100], flickers(left(), 6_100, 6_400)],
    ['and stays on is the next truck, since its rise', [0, 6_100], flickers(left(), 6_100, 9_000)],
    [
      'again and again belongs to it',
      [0],
      flickers(flickers(flickers(left(), 6_100, 6_300), 6_500, 6_700), 6_999, 7_000),
    ],
    ['after 300 ms is the next truck', [0, 6_300], flickers(left(), 6_300, 6_400)],
    [
      'after it chattered and was off for 300 ms is the next truck',
      [0, 6_500],
      flickers(flickers(left(), 6_100, 6_200), 6_500, 6_600),
    ],
    [
      'does not keep the next truck from coming in',
      [0, 6_150],
      through(flickers(left(), 6_100, 6_200), 6_150, 'LANDSIDE'),
    ],
    [
      'in a beam, 350 ms behind it but while its loop is on, belongs to it',
      [0],
      flickers(left(), 6_200, 6_450)
        .at(6_350)
        .drivesOnto('TERMINALSIDE', 'BEAM')
        .at(6_480)
        .leaves('TERMINALSIDE', 'BEAM'),
    ],
    [
      'in a beam while its loop is on, both for less, belongs to it',
      [0],
      flickers(left(), 6_100, 6_350)
        .at(6_150)
        .drivesOnto('TERMINALSIDE', 'BEAM')
        .at(6_390)
        .leaves('TERMINALSIDE', 'BEAM'),
    ],
  ];

  it.each(cases)('%s: %j', (_name, openedAt, story) => {
    expect(run(story).passes.map(({ occurredAt }) => occurredAt - T0)).toEqual(openedAt);
  });

  it('and stays on has in its session what was read since, and the loops know where it came from', () => {
    const story = flickers(left(), 6_100, 9_000).at(6_200).boxSeen('CSQU3054383').tagHeard('B', 2);
    const [, second] = run(story).passes;
    expect(second && verdictOf(second)).toBe('OUT LOOPS TURNED_BACK LOOP');
    expect(second?.passId).toBe(derivedId('pass', 'CNNBO-BLYUA', 'IN', 'IN-IO', 'b0', 6));
    expect(second?.boxes.map(({ text }) => text)).toEqual(['CSQU3054383']);
    expect(epcs(second)).toEqual(['B']);
  });

  it('and stays on under a truck that came in by the entry stands in that truck’s session', () => {
    const story = left().at(6_100).drivesOnto('TERMINALSIDE').at(6_200).drivesOnto('LANDSIDE');
    story.at(6_300).isAccepted().at(9_000).leaves('LANDSIDE').at(11_000).leaves('TERMINALSIDE');
    expect(run(story).passes.map((pass) => [pass.occurredAt - T0, verdictOf(pass)])).toEqual([
      [0, 'IN LOOPS CROSSED LOOP'],
      [6_200, 'IN LOOPS CROSSED LOOP'],
    ]);
  });

  it('behind a truck that backed off is still the same truck, as before', () => {
    const story = backs(new LaneStory('IN'), 0).at(6_200).drivesOnto('LANDSIDE').at(9_000).leaves('LANDSIDE');
    expect(told(story)).toEqual([[9_000, null]]);
  });
});

describe('what was seen of the exit', () => {
  const stuck = (falls: 'LANDSIDE' | 'TERMINALSIDE') =>
    new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(3_000).drivesOnto('TERMINALSIDE').at(4_000).leaves(falls);
  const over = (story: LaneStory) => story.at(0).drivesOnto('ONLY').at(6_000).leaves('ONLY');
  const cases: readonly [name: string, exit: LanePass['exit'], outcome: LanePass['outcome'], story: LaneStory][] = [
    ['accepted and out by the exit', 'SEEN', 'CROSSED', through(new LaneStory('IN').at(1).isAccepted(), 0, 'LANDSIDE')],
    [
      'refused and out by the exit all the same',
      'SEEN',
      'UNDECIDED',
      through(new LaneStory('IN').at(1).isRefused(), 0, 'LANDSIDE'),
    ],
    ['refused and backed off', 'NOT_REACHED', 'REFUSED', backs(new LaneStory('IN').at(1).isRefused(), 0)],
    ['accepted and backed off', 'NOT_REACHED', 'TURNED_BACK', backs(new LaneStory('IN').at(1).isAccepted(), 0)],
    ['accepted over a lone loop', 'PRESUMED', 'CROSSED', over(new LaneStory('ONE').at(1).isAccepted())],
    ['refused over a lone loop', 'PRESUMED', 'REFUSED', over(new LaneStory('ONE').at(1).isRefused())],
    ['over a lone loop by no known way', 'UNKNOWN', 'UNDECIDED', over(new LaneStory('ONE_BOTH').at(1).isAccepted())],
    [
      'past antennas alone',
      'PRESUMED',
      'CROSSED',
      new LaneStory('BARE_FREE').at(0).tagHeard('T', 1).at(900).tagHeard('T', 2),
    ],
    ['out of time, with the entry left for the exit', 'SEEN', 'UNDECIDED', stuck('LANDSIDE')],
    ['out of time on the entry', 'UNKNOWN', 'UNDECIDED', stuck('TERMINALSIDE')],
  ];

  it.each(cases)('%s: %s, %s', (_name, exit, outcome, story) => {
    expect(onePass(story)).toMatchObject({ exit, outcome });
  });
});

describe('a lane with one loop', () => {
  const over = (story: LaneStory) => story.at(0).drivesOnto('ONLY').at(6_000).leaves('ONLY');
  const cases: readonly [name: string, verdict: string, story: LaneStory][] = [
    ['accepted: the lane says the way', 'IN LANE CROSSED LOOP', new LaneStory('ONE').at(2_000).isAccepted()],
    ['refused', 'IN LANE REFUSED LOOP', new LaneStory('ONE').at(2_000).isRefused()],
    ['undecided', 'IN LANE UNDECIDED LOOP', new LaneStory('ONE')],
    ['free flow outwards', 'OUT LANE CROSSED LOOP', new LaneStory('ONE_FREE')],
    [
      'reversible: the antennas say the way, also those that heard it before the loop did',
      'IN ANTENNAS CROSSED LOOP',
      new LaneStory('ONE_BOTH').at(-900).tagHeard('T', 1).at(1_000).isAccepted().at(2_000).tagHeard('T', 2),
    ],
    [
      'reversible and heard by one antenna: nobody knows the way, so nobody crossed',
      'UNKNOWN NONE UNDECIDED LOOP',
      new LaneStory('ONE_BOTH').at(1_000).tagHeard('T', 1).isAccepted(),
    ],
  ];

  it.each(cases)('%s: %s', (_name, verdict, story) => {
    expect(verdictOf(onePass(over(story)))).toBe(verdict);
  });
});

describe('a lane without loops', () => {
  const cases: readonly [name: string, verdict: string, story: LaneStory][] = [
    [
      'inwards, accepted',
      'IN ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 1).at(1_000).isAccepted().at(3_000).tagHeard('T', 2),
    ],
    [
      'outwards, accepted',
      'OUT ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 2).at(1_000).isAccepted().at(3_000).tagHeard('T', 1),
    ],
    [
      'inwards, refused',
      'IN ANTENNAS REFUSED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 1).isRefused().at(3_000).tagHeard('T', 2),
    ],
    [
      'inwards, free flow',
      'IN ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE_FREE').at(0).tagHeard('T', 1).at(2_000).tagHeard('T', 2),
    ],
    [
      'both antennas in one millisecond without a difference: a tie',
      'UNKNOWN NONE UNDECIDED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 1, -50).tagHeard('T', 2, -50).isAccepted(),
    ],
    [
      'first heard landside, but strongest there last: a tie',
      'UNKNOWN NONE UNDECIDED TIMEOUT',
      new LaneStory('BARE')
        .at(0)
        .tagHeard('T', 1, -70)
        .at(1_000)
        .tagHeard('T', 2, -50)
        .isAccepted()
        .at(2_000)
        .tagHeard('T', 1, -45),
    ],
    [
      'both first in one millisecond, strongest landside first',
      'IN ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE')
        .at(0)
        .tagHeard('T', 1, -60)
        .tagHeard('T', 2, -70)
        .isAccepted()
        .at(2_000)
        .tagHeard('T', 2, -55),
    ],
    [
      'each antenna hears another tag: the order of the groups decides',
      'OUT ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 2).at(1_000).isAccepted().at(2_000).tagHeard('B', 1),
    ],
    [
      'a truck whose rear tag is strongest landside while its front tag is terminalside',
      'IN ANTENNAS CROSSED TIMEOUT',
      new LaneStory('BARE')
        .at(0)
        .tagHeard('FRONT', 1, -60)
        .at(1_000)
        .isAccepted()
        .at(2_000)
        .tagHeard('FRONT', 2, -58)
        .at(2_500)
        .tagHeard('REAR', 1, -40)
        .at(4_000)
        .tagHeard('REAR', 2, -42),
    ],
    [
      'one antenna only',
      'UNKNOWN NONE UNDECIDED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 1).isAccepted().at(500).tagHeard('T', 1),
    ],
    [
      'one antenna only, refused',
      'UNKNOWN NONE REFUSED TIMEOUT',
      new LaneStory('BARE').at(0).tagHeard('T', 1).isRefused(),
    ],
  ];

  it.each(cases)('%s: %s', (_name, verdict, story) => {
    expect(verdictOf(onePass(story))).toBe(verdict);
  });

  it('occurs at the first read of the second antenna group, and closes 5 s after the last sign', () => {
    const story = new LaneStory('BARE').at(0).tagHeard('T', 1).at(3_000).tagHeard('T', 2).at(3_400).tagHeard('T', 2);
    const pass = onePass(story);
    expect(pass.occurredAt).toBe(T0 + 3_000);
    expect(pass.closedAt).toBe(T0 + 8_400);
    expect(pass.passId).toBe(derivedId('pass', 'CNNBO-BLYUA', 'BARE', 'BARE-UHF', 'b0', 1));
    expect(pass.causes.map(({ sequence }) => sequence)).toEqual([1, 3]);
  });

  it('is not held open by a scale that talks to itself', () => {
    const story = new LaneStory('BARE').at(0).tagHeard('T', 1);
    for (let at = 1_000; at < 30_000; at += 1_000) story.at(at).weighs(0);
    expect(onePass(story).closedAt).toBe(T0 + 5_000);
  });

  it('is not opened by a camera', () => {
    expect(run(new LaneStory('BARE').at(0).boxSeen('CSQU3054383')).passes).toEqual([]);
  });
});

describe('evidence', () => {
  it('of two boxes, a plate, a card, a scan, a seal and a weight stands in the pass', () => {
    const story = new LaneStory('IN')
      .at(1_000)
      .plateSeen('浙BB1048')
      .cardRead('IC-1')
      .scanned('EIR-7')
      .sealRead('SL123');
    story
      .at(1_500)
      .boxSeen('YMLU7082323', 0.97, { position: 'FRONT' })
      .boxSeen('TCLU4518491', 0.93, { position: 'REAR' });
    const pass = onePass(through(story.weighs(41_200).isAccepted(), 0, 'LANDSIDE'));
    expect(pass.boxes.map(({ text, position }) => [text, position])).toEqual([
      ['YMLU7082323', 'FRONT'],
      ['TCLU4518491', 'REAR'],
    ]);
    expect(pass.plates.map(({ text }) => text)).toEqual(['浙BB1048']);
    expect([pass.cards, pass.scans, pass.seals].map((list) => list.map(({ text }) => text))).toEqual([
      ['IC-1'],
      ['EIR-7'],
      ['SL123'],
    ]);
    expect(pass.weights.map(({ grossKg, stable }) => [grossKg, stable])).toEqual([[41_200, true]]);
  });

  it('of one number read many times is one, with the best confidence and a picture', () => {
    const story = new LaneStory('IN')
      .at(1_000)
      .boxSeen('CSQU3054383', 0.71, { pictureUrl: 'http://cam/1.jpg' })
      .at(1_200)
      .boxSeen('CSQU3054383', 0.98, { position: 'REAR' })
      .at(1_400)
      .boxSeen('CSQU3054383', 0.8, { pictureUrl: 'http://cam/3.jpg' });
    expect(onePass(through(story, 0, 'LANDSIDE')).boxes).toEqual([
      {
        text: 'CSQU3054383',
        confidence: 0.98,
        pictureUrl: 'http://cam/1.jpg',
        position: 'REAR',
        at: T0 + 1_200,
        ref: { deviceId: 'IN-CAM', boot: 'b0', sequence: 2 },
      },
    ]);
  });

  it('keeps different spellings apart', () => {
    const story = new LaneStory('IN').at(1_000).boxSeen('CSQU3054383').boxSeen('CSQU 305438 3').boxSeen('CSQU3054388');
    expect(onePass(through(story, 0, 'LANDSIDE')).boxes).toHaveLength(3);
  });

  it('keeps of a weighing what was stable, and of a moving scale the latest', () => {
    const story = new LaneStory('IN').at(1_000).weighs(12_000, false).at(1_100).weighs(30_000, false);
    const moving = onePass(through(story, 0, 'LANDSIDE'));
    expect(moving.weights.map(({ grossKg }) => grossKg)).toEqual([30_000]);
    const settled = onePass(
      through(story.at(1_200).weighs(41_200).at(1_300).weighs(41_200).at(1_400).weighs(41_180, false), 0, 'LANDSIDE'),
    );
    expect(settled.weights.map(({ grossKg }) => grossKg)).toEqual([41_200]);
  });

  it('belongs to the session that opens within 3 s, when the lane was empty', () => {
    const story = new LaneStory('IN')
      .at(-3_001)
      .boxSeen('TOO-EARLY')
      .at(-3_000)
      .boxSeen('IN-TIME')
      .at(-500)
      .tagHeard('T', 1);
    const pass = onePass(through(story, 0, 'LANDSIDE'));
    expect(pass.boxes.map(({ text }) => text)).toEqual(['IN-TIME']);
    expect(epcs(pass)).toEqual(['T']);
  });

  it('that a pass already has, read again in the empty lane, is not the next truck’s', () => {
    const story = through(new LaneStory('IN').at(2_000).boxSeen('FIRST').isAccepted(), 0, 'LANDSIDE');
    story.at(7_000).boxSeen('FIRST').boxSeen('SECOND');
    const { passes } = run(through(story, 8_000, 'LANDSIDE'));
    expect(passes.map(({ boxes }) => boxes.map(({ text }) => text))).toEqual([['FIRST'], ['SECOND']]);
  });

  it('adds up a tag over both antennas', () => {
    const story = new LaneStory('IN')
      .at(500)
      .tagHeard('T', 2, -71)
      .at(900)
      .tagHeard('T', 1, -52)
      .at(4_500)
      .tagHeard('T', 2, -60);
    expect(onePass(through(story, 0, 'LANDSIDE')).tags).toEqual([
      {
        pc: '3000',
        epc: 'T',
        antennas: [1, 2],
        count: 3,
        peakRssiDbm: -52,
        firstSeen: T0 + 500,
        lastSeen: T0 + 4_500,
        ref: { deviceId: 'IN-UHF', boot: 'b0', sequence: 1 },
      },
    ]);
  });

  it('is bounded, and what is beyond the bound is counted', () => {
    const story = new LaneStory('IN').at(1_000);
    for (let n = 0; n < 200; n++) story.tagHeard(`TAG-${n}`, 1).boxSeen(`BOX-${n}`);
    const { passes, state } = run(through(story, 0, 'LANDSIDE'));
    expect(passes[0]?.tags).toHaveLength(MAX_SESSION_TAGS);
    expect(passes[0]?.boxes).toHaveLength(MAX_SESSION_TEXTS);
    expect(state.lanes.counters.evidenceDropped).toBe(400 - MAX_SESSION_TAGS - MAX_SESSION_TEXTS);
  });
});

describe('the tail of a pass', () => {
  it('keeps two trucks 2 s apart apart', () => {
    const story = new LaneStory('IN').at(500).tagHeard('A', 1).at(2_000).isAccepted().at(4_500).tagHeard('A', 2);
    through(story, 0, 'LANDSIDE').at(6_700).tagHeard('A', 2).at(7_500).tagHeard('B', 1);
    story
      .at(8_500)
      .tagHeard('A', 2)
      .tagHeard('B', 1)
      .at(9_500)
      .isAccepted()
      .at(12_500)
      .tagHeard('B', 2)
      .tagHeard('A', 2);
    const { passes, state } = run(through(story, 8_000, 'LANDSIDE'));
    expect(passes.map((pass) => [...(epcs(pass) ?? []), pass.outcome])).toEqual([
      ['A', 'CROSSED'],
      ['B', 'CROSSED'],
    ]);
    expect(state.lanes.counters.tailReads).toBe(3);
  });

  it('does not open a session where there are no loops', () => {
    const story = new LaneStory('BARE').at(0).tagHeard('T', 1).isAccepted().at(2_000).tagHeard('T', 2);
    story.at(9_000).tagHeard('T', 2).at(20_000).tagHeard('T', 2);
    expect(onePass(story).tags[0]?.count).toBe(2);
  });

  it('ends 15 s after closing', () => {
    const story = through(new LaneStory('IN').at(500).tagHeard('A', 1).isAccepted(), 0, 'LANDSIDE');
    through(story, 20_000, 'LANDSIDE').at(21_000).tagHeard('A', 2).at(21_001).tagHeard('A', 2);
    expect(run(story).passes.map((pass) => pass.tags.map(({ count }) => count))).toEqual([[1], [1]]);
  });

  it('gives a tag to a later session that hears it first where its truck comes from', () => {
    const story = through(new LaneStory('IN').at(500).tagHeard('A', 1).isAccepted(), 0, 'LANDSIDE');
    through(story, 10_000, 'LANDSIDE').at(10_500).tagHeard('A', 1).at(13_500).tagHeard('A', 2);
    expect(run(story).passes.map(epcs)).toEqual([['A'], ['A']]);
  });

  it('keeps the tag of a refused truck that stands beside the lane out of the next truck’s pass', () => {
    const story = backs(new LaneStory('IN').at(500).tagHeard('REFUSED', 1).at(2_000).isRefused(), 0);
    through(story, 9_000, 'LANDSIDE').at(9_500).tagHeard('REFUSED', 1).tagHeard('NEXT', 1).at(10_000).isAccepted();
    expect(run(story).passes.map((pass) => [...(epcs(pass) ?? []), pass.outcome])).toEqual([
      ['REFUSED', 'REFUSED'],
      ['NEXT', 'CROSSED'],
    ]);
  });

  it('lets the tag of a truck that turned back and came again into its second pass', () => {
    const story = backs(new LaneStory('IN').at(500).tagHeard('A', 1), 0);
    through(story, 7_000, 'LANDSIDE').at(7_500).tagHeard('A', 1).at(8_000).isAccepted().at(10_500).tagHeard('A', 2);
    const { passes } = run(story);
    expect(passes.map(({ outcome }) => outcome)).toEqual(['TURNED_BACK', 'CROSSED']);
    expect(passes[1]?.tags.map(({ epc, count }) => [epc, count])).toEqual([['A', 2]]);
  });
});

describe('a tag heard in two lanes', () => {
  /** Truck A stands in lane IN, truck B in lane NEXT, from 0 to 6 s and from 1 to 7 s. */
  const beside = () => through(through(new LaneStory('IN'), 0, 'LANDSIDE').in('NEXT'), 1_000, 'LANDSIDE');
  const byLane = (story: LaneStory) => {
    const { passes } = run(story);
    return (laneId: string) => passes.find((pass) => pass.laneId === laneId);
  };

  it.each([
    ['the lane that closes first when it is stronger there', -50, -53, 'IN'],
    ['the other lane when it is stronger there', -53, -50, 'NEXT'],
  ])('belongs to %s by 3 dB', (_name, here, there, owner) => {
    const pass = byLane(
      beside()
        .in('IN')
        .at(2_000)
        .tagHeard('A', 1, here)
        .tagHeard('A', 1, -80)
        .in('NEXT')
        .at(2_100)
        .tagHeard('A', 1, there),
    );
    const other = owner === 'IN' ? 'NEXT' : 'IN';
    expect(epcs(pass(owner))).toEqual(['A']);
    expect(pass(owner)?.crossReads).toEqual([]);
    expect(epcs(pass(other))).toEqual([]);
    expect(pass(other)?.crossReads).toEqual([
      { epc: 'A', givenToLane: owner, peakRssiDbmHere: -53, peakRssiDbmThere: -50 },
    ]);
  });

  it.each([
    [
      'the one with more reads',
      'NEXT',
      beside()
        .in('IN')
        .at(2_000)
        .tagHeard('A', 1, -50)
        .in('NEXT')
        .at(2_100)
        .tagHeard('A', 1, -52)
        .at(2_200)
        .tagHeard('A', 1, -60),
    ],
    [
      'the first to hear it when the reads are as many',
      'NEXT',
      beside().in('IN').at(2_100).tagHeard('A', 1, -50).in('NEXT').at(2_000).tagHeard('A', 1, -52),
    ],
    [
      'the one with more reads where a reader gives no field strength',
      'NEXT',
      beside()
        .in('IN')
        .at(2_000)
        .tagHeard('A', 1, -50)
        .in('NEXT')
        .at(2_100)
        .tagHeard('A', 1, null)
        .at(2_200)
        .tagHeard('A', 1, null),
    ],
    [
      'the first by name when all else is equal',
      'IN',
      beside().in('NEXT').at(2_000).tagHeard('A', 1, -50).in('IN').tagHeard('A', 1, -50),
    ],
  ])('within 3 dB belongs to %s', (_name, owner, story) => {
    const pass = byLane(story);
    expect(epcs(pass(owner))).toEqual(['A']);
    expect(epcs(pass(owner === 'IN' ? 'NEXT' : 'IN'))).toEqual([]);
  });

  it('stays with the lane that closed first, however strong the other hears it later', () => {
    const story = beside().in('IN').at(2_000).tagHeard('A', 1, -50).in('NEXT').at(2_100).tagHeard('A', 1, -70);
    const pass = byLane(story.at(6_900).tagHeard('A', 2, -30));
    expect(epcs(pass('IN'))).toEqual(['A']);
    expect(pass('NEXT')?.crossReads).toEqual([
      { epc: 'A', givenToLane: 'IN', peakRssiDbmHere: -30, peakRssiDbmThere: -50 },
    ]);
  });

  it('is not given away again by the lane that it was given to', () => {
    const story = beside().in('IN').at(2_000).tagHeard('A', 1, -70).in('NEXT').at(2_100).tagHeard('A', 1, -60);
    through(story.in('FREE'), 6_500, 'LANDSIDE').at(6_600).tagHeard('A', 1, -40);
    const pass = byLane(story);
    expect(['IN', 'NEXT', 'FREE'].map((laneId) => epcs(pass(laneId)))).toEqual([[], ['A'], []]);
    expect(pass('FREE')?.crossReads.map(({ givenToLane }) => givenToLane)).toEqual(['NEXT']);
  });

  it('makes no truck in a neighbouring lane without loops', () => {
    const story = new LaneStory('BARE')
      .at(0)
      .tagHeard('A', 1, -50)
      .at(1_000)
      .isAccepted()
      .at(2_000)
      .tagHeard('A', 2, -50);
    story
      .in('BARE_NEXT')
      .at(500)
      .tagHeard('A', 1, -72)
      .at(2_600)
      .tagHeard('A', 2, -75)
      .at(11_000)
      .tagHeard('A', 1, -78);
    const { passes, state } = run(story);
    expect(passes.map(({ laneId, outcome }) => [laneId, outcome])).toEqual([['BARE', 'CROSSED']]);
    expect(state.lanes.counters.phantomSessions).toBe(2);
  });

  it('belongs to both when the truck drove through one after the other', () => {
    const story = through(new LaneStory('IN').at(500).tagHeard('A', 1, -50), 0, 'LANDSIDE');
    const pass = byLane(through(story.in('NEXT').at(10_500).tagHeard('A', 1, -51), 10_000, 'LANDSIDE'));
    expect([epcs(pass('IN')), epcs(pass('NEXT'))]).toEqual([['A'], ['A']]);
  });

  it('belongs to the pass just closed when the next lane hears it weaker', () => {
    const story = through(new LaneStory('IN').at(500).tagHeard('A', 1, -50), 0, 'LANDSIDE');
    const pass = byLane(through(story.in('NEXT').at(10_500).tagHeard('A', 1, -70), 10_000, 'LANDSIDE'));
    expect([epcs(pass('IN')), epcs(pass('NEXT'))]).toEqual([['A'], []]);
  });
});

describe('a session that never falls', () => {
  it('is closed after ten minutes, and the stuck loop opens no other until it was off', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(500).tagHeard('A', 1).isAccepted();
    story.at(700_000).drivesOnto('LANDSIDE').tagHeard('C', 1);
    story.at(800_000).leaves('LANDSIDE');
    backs(story, 900_000);
    const { passes } = run(story);
    expect(passes.map(verdictOf)).toEqual(['IN LOOPS UNDECIDED TIMEOUT', 'IN LOOPS TURNED_BACK LOOP']);
    expect(passes[0]).toMatchObject({ closedAt: T0 + 600_000, causes: [{ sequence: 1 }] });
    expect(passes[1]?.occurredAt).toBe(T0 + 900_000);
  });

  it.each([
    [
      'the truck had left the entry for the exit: crossed',
      'IN LOOPS CROSSED TIMEOUT',
      'TERMINALSIDE',
      'LANDSIDE',
      true,
    ],
    ['the entry is stuck, and nobody knows', 'IN LOOPS UNDECIDED TIMEOUT', 'LANDSIDE', 'TERMINALSIDE', true],
    ['refused', 'IN LOOPS REFUSED TIMEOUT', 'LANDSIDE', 'TERMINALSIDE', false],
  ] as const)('ends by what is known: %s', (_name, verdict, _stuck, falls, accepted) => {
    const story = new LaneStory('IN')
      .at(0)
      .drivesOnto('LANDSIDE')
      .at(3_000)
      .drivesOnto('TERMINALSIDE')
      .at(4_000)
      .leaves(falls);
    story.at(2_000);
    const pass = onePass(accepted ? story.isAccepted() : story.isRefused());
    expect(verdictOf(pass)).toBe(verdict);
  });

  it('leaves the lane its other loop: direction by the lane, exit presumed', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE');
    story.at(700_000).drivesOnto('TERMINALSIDE').at(701_000).isAccepted().at(704_000).leaves('TERMINALSIDE');
    expect(run(story).passes.map(verdictOf)).toEqual(['IN LOOPS UNDECIDED TIMEOUT', 'IN LANE CROSSED LOOP']);
  });

  it('of a parked truck’s tag in a lane without loops is one session, however long it parks', () => {
    const story = new LaneStory('BARE');
    for (let at = 0; at < 3 * 3_600_000; at += 4_000) story.at(at).tagHeard('PARKED', 1);
    const { passes } = run(story);
    expect(passes.map(verdictOf)).toEqual(['UNKNOWN NONE UNDECIDED TIMEOUT']);
    expect(passes[0]?.closedAt).toBe(T0 + 600_000);
  });

  it('does not let the parked truck’s tag into another truck’s pass', () => {
    const story = new LaneStory('BARE');
    for (let at = 0; at < 1_200_000; at += 4_000) story.at(at).tagHeard('PARKED', 1);
    story.at(900_000).tagHeard('B', 1).at(901_000).isAccepted().at(903_000).tagHeard('B', 2);
    expect(run(story).passes.map(epcs)).toEqual([['PARKED'], ['B']]);
  });
});
