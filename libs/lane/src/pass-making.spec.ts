import { describe, expect, it } from '@jest/globals';
import type { LanePass } from './gate-pass.js';
import { gateway, lane, LaneStory, play } from './lane-story.js';

const GATE = gateway([
  lane('IN'),
  lane('OUT', { direction: 'OUT' }),
  lane('BOTH', { direction: 'REVERSIBLE' }),
  lane('FREE', { acceptance: 'EXIT' }),
  lane('NEXT'),
]);

const passesOf = (story: LaneStory) => play(GATE, story.readings()).passes;
const told = ({ direction, directionSource, outcome, exit, doubts }: LanePass) =>
  [direction, directionSource, outcome, exit, ...doubts].join(' ');

/** Onto the entry loop and off it again, 6 s later: what a lane tells whose exit loop is dead. */
function entryOnly(story: LaneStory, side: 'LANDSIDE' | 'TERMINALSIDE' = 'LANDSIDE'): LaneStory {
  return story.at(0).drivesOnto(side).at(6_000).leaves(side);
}

/** A tag on its way past both antennas: the one that it leaves hears it weakly in the end. */
function goesOn(story: LaneStory, epc = 'T', [first, second]: readonly [1 | 2, 1 | 2] = [1, 2]): LaneStory {
  story.at(400).tagHeard(epc, first, -55).at(1_200).tagHeard(epc, first, -45).at(3_000).tagHeard(epc, second, -48);
  return story.at(4_200).tagHeard(epc, first, -66).at(5_500).tagHeard(epc, second, -52);
}

/** As far as the stop line, where the far antenna hears it best, and back again. */
function comesBack(story: LaneStory, epc = 'T'): LaneStory {
  story.at(400).tagHeard(epc, 1, -55).at(1_200).tagHeard(epc, 1, -45).at(2_500).tagHeard(epc, 2, -40);
  return story.at(5_200).tagHeard(epc, 1, -44).at(5_400).tagHeard(epc, 2, -64);
}

describe('a truck that came and went by one side, as its loops say', () => {
  const CONFLICT = 'UNDECIDED UNKNOWN LOOP_ANTENNA_CONFLICT';
  const cases: readonly [name: string, expected: string, story: LaneStory][] = [
    [
      'and went on past both antennas, accepted: nobody knows',
      `IN LOOPS ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('IN').at(2_000).isAccepted())),
    ],
    ['and went on past both antennas, undecided', `IN LOOPS ${CONFLICT}`, goesOn(entryOnly(new LaneStory('IN')))],
    [
      'and went on past both antennas although it was refused: nobody turned it away',
      `IN LOOPS ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('IN').at(2_000).isRefused())),
    ],
    ['and went on in a free-flow lane', `IN LOOPS ${CONFLICT}`, goesOn(entryOnly(new LaneStory('FREE')))],
    [
      'and went on outwards',
      `OUT LOOPS ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('OUT'), 'TERMINALSIDE'), 'T', [2, 1]),
    ],
    [
      'and went the other way, as its antennas say: the entry loop is dead, and the way is not known either',
      `UNKNOWN NONE ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('BOTH'), 'TERMINALSIDE')),
    ],
    [
      'over both loops, the exit loop off while it was still there',
      `IN LOOPS ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('IN').at(3_000).drivesOnto('TERMINALSIDE').at(5_000).leaves('TERMINALSIDE'))),
    ],
    [
      'and turned back, refused at the far antenna: refused',
      'IN LOOPS REFUSED NOT_REACHED',
      comesBack(entryOnly(new LaneStory('IN').at(3_000).isRefused())),
    ],
    [
      'and turned back at the far antenna, which still heard it last, and weakly',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      comesBack(entryOnly(new LaneStory('IN').at(3_000).isAccepted())),
    ],
    [
      'and was heard by the near antenna alone',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      entryOnly(new LaneStory('IN').at(500).tagHeard('T', 1)),
    ],
    [
      'and was heard by the far antenna alone',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      entryOnly(new LaneStory('IN').at(500).tagHeard('T', 2)),
    ],
    [
      'and was heard by the far antenna first and last',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      entryOnly(
        new LaneStory('IN').at(300).tagHeard('T', 2, -60).at(900).tagHeard('T', 1).at(5_000).tagHeard('T', 2, -50),
      ),
    ],
    ['and was heard by nobody', 'IN LOOPS TURNED_BACK NOT_REACHED', entryOnly(new LaneStory('IN'))],
    [
      'while a rear tag says the same, and a middle one still ends where it began',
      `IN LOOPS ${CONFLICT}`,
      goesOn(goesOn(comesBack(entryOnly(new LaneStory('IN')), 'MIDDLE')), 'REAR'),
    ],
    [
      'while one tag says so and one does not: a tie',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      goesOn(comesBack(entryOnly(new LaneStory('IN')), 'MIDDLE')),
    ],
    [
      'and each antenna heard another tag, the far one later',
      `IN LOOPS ${CONFLICT}`,
      entryOnly(new LaneStory('IN').at(400).tagHeard('A', 1, -50).at(3_000).tagHeard('B', 2, -60)),
    ],
    [
      'and each antenna heard another tag, the near one first and last',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      entryOnly(new LaneStory('IN').at(400).tagHeard('A', 1).at(3_000).tagHeard('B', 2).at(5_000).tagHeard('A', 1)),
    ],
    [
      'and went on, where the reader gives no field strength: the later antenna counts',
      `IN LOOPS ${CONFLICT}`,
      entryOnly(new LaneStory('IN').at(400).tagHeard('T', 1, null).at(3_000).tagHeard('T', 2, null)),
    ],
    [
      'and turned back, where the reader gives no field strength',
      'IN LOOPS TURNED_BACK NOT_REACHED',
      entryOnly(
        new LaneStory('IN').at(400).tagHeard('T', 1, null).at(3_000).tagHeard('T', 2, null).at(5_000).tagHeard('T', 1),
      ),
    ],
    [
      'both loops in one millisecond, the entry last, and it went on',
      `IN LANE ${CONFLICT}`,
      goesOn(entryOnly(new LaneStory('IN').at(0).drivesOnto('TERMINALSIDE').at(4_000).leaves('TERMINALSIDE'))),
    ],
  ];

  it.each(cases)('%s: %s', (_name, expected, story) => {
    expect(passesOf(story).map(told)).toEqual([expected]);
  });

  it('is believed where its exit loop saw it leave, whatever the antennas say', () => {
    const story = comesBack(new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(2_000).isAccepted());
    story.at(3_000).drivesOnto('TERMINALSIDE').at(4_000).leaves('LANDSIDE').at(6_000).leaves('TERMINALSIDE');
    expect(passesOf(story).map(told)).toEqual(['IN LOOPS CROSSED SEEN']);
  });

  it('is not doubted for the tag of a truck that drives through the next lane', () => {
    const story = entryOnly(new LaneStory('IN')).at(700).tagHeard('T', 1, -66).at(4_000).tagHeard('T', 2, -65);
    goesOn(story.in('NEXT').at(0).drivesOnto('LANDSIDE').at(3_000).drivesOnto('TERMINALSIDE').at(4_000));
    story.at(4_100).leaves('LANDSIDE').at(6_000).leaves('TERMINALSIDE');
    const passes = passesOf(story);
    expect(passes.find(({ laneId }) => laneId === 'IN')).toMatchObject({ outcome: 'TURNED_BACK', doubts: [] });
  });

  it('keeps its tags out of the next truck’s pass, wherever it stands', () => {
    const story = goesOn(entryOnly(new LaneStory('IN')))
      .at(9_000)
      .drivesOnto('LANDSIDE')
      .at(9_500)
      .tagHeard('T', 1);
    story.at(9_600).tagHeard('N', 1).at(15_000).leaves('LANDSIDE');
    expect(passesOf(story).map(({ tags }) => tags.map(({ epc }) => epc))).toEqual([['T'], ['N']]);
  });
});
