import { describe, expect, it } from '@jest/globals';
import type { LanePass } from './gate-pass.js';
import { gateway, lane, LaneStory, play, T0 } from './lane-story.js';

const GATE = gateway([lane('IN'), lane('BOTH', { direction: 'REVERSIBLE' })]);

const passesOf = (story: LaneStory) => play(GATE, story.readings()).passes;
const told = ({ occurredAt, direction, outcome, exit, doubts }: LanePass) =>
  [occurredAt - T0, direction, outcome, exit, ...doubts].join(' ');
const FIRST = '0 IN CROSSED SEEN';

/** Truck A, accepted, with a tag, a plate and a box: its tractor leaves the exit loop at 6 s. */
function tractor(laneId = 'IN'): LaneStory {
  const story = new LaneStory(laneId).at(0).drivesOnto('LANDSIDE').at(500).tagHeard('A', 1).plateSeen('浙BA1007');
  story.at(900).boxSeen('CSQU3054383').at(2_000).isAccepted().at(3_000).drivesOnto('TERMINALSIDE');
  return story.at(4_000).leaves('LANDSIDE').at(5_000).tagHeard('A', 2).at(6_000).leaves('TERMINALSIDE');
}

function rear(story: LaneStory, from = 7_200, to = 9_000): LaneStory {
  return story.at(from).drivesOnto('TERMINALSIDE').at(to).leaves('TERMINALSIDE');
}

describe('the exit loop that lost a truck between its axles and rises again under its trailer', () => {
  const cases: readonly [name: string, expected: readonly string[], story: LaneStory][] = [
    ['is that truck’s pass, by its tag', [FIRST], rear(tractor()).at(8_000).tagHeard('A', 2)],
    ['is that truck’s pass, by its tag at the other antenna', [FIRST], rear(tractor()).at(8_000).tagHeard('A', 1)],
    ['is that truck’s pass, by its plate', [FIRST], rear(tractor()).at(8_000).plateSeen('浙BA1007')],
    ['is that truck’s pass, by its box', [FIRST], rear(tractor()).at(8_000).boxSeen('CSQU3054383')],
    ['is that truck’s pass, by its tag between the axles', [FIRST], rear(tractor()).at(6_900).tagHeard('A', 2)],
    ['is that truck’s pass, by its plate between the axles', [FIRST], rear(tractor()).at(6_900).plateSeen('浙BA1007')],
    [
      'is that truck’s pass, twice',
      [FIRST],
      rear(rear(tractor()), 10_500, 12_000).at(8_000).tagHeard('A', 2).at(11_000).tagHeard('A', 2),
    ],
    [
      'is that truck’s pass as long as each rise comes within 15 s',
      [FIRST],
      rear(rear(tractor(), 15_000, 16_000), 29_000, 30_000)
        .at(15_500)
        .tagHeard('A', 2)
        .at(29_500)
        .tagHeard('A', 2),
    ],
    ['is another pass when nothing was read', [FIRST, '7200 OUT TURNED_BACK NOT_REACHED'], rear(tractor())],
    [
      'is another pass when its tag was read 3 s before only',
      [FIRST, '9200 OUT TURNED_BACK NOT_REACHED'],
      rear(tractor(), 9_200, 10_000).at(6_100).tagHeard('A', 2),
    ],
    [
      'is another pass 15 s later',
      [FIRST, '21001 OUT TURNED_BACK NOT_REACHED'],
      rear(tractor(), 21_001, 23_000).at(20_900).tagHeard('A', 2).at(22_000).tagHeard('A', 2),
    ],
    [
      'is another pass with another tag',
      [FIRST, '7200 OUT TURNED_BACK NOT_REACHED'],
      rear(tractor()).at(8_000).tagHeard('A', 2).tagHeard('B', 2),
    ],
    [
      'is another pass with another plate',
      [FIRST, '7200 OUT TURNED_BACK NOT_REACHED'],
      rear(tractor()).at(8_000).tagHeard('A', 2).plateSeen('浙BB1048'),
    ],
    [
      'is another pass with a decision of its own',
      [FIRST, '7200 OUT REFUSED NOT_REACHED'],
      rear(tractor()).at(8_000).tagHeard('A', 2).isRefused(),
    ],
    [
      'is another pass when the truck backs out through the whole lane',
      [FIRST, '7200 OUT UNDECIDED SEEN'],
      rear(tractor(), 7_200, 11_000)
        .at(8_000)
        .tagHeard('A', 2)
        .at(10_000)
        .drivesOnto('LANDSIDE')
        .at(10_500)
        .tagHeard('A', 1)
        .at(13_000)
        .leaves('LANDSIDE'),
    ],
    [
      'is another pass when it stays on until the time is out',
      [FIRST, '7200 OUT UNDECIDED UNKNOWN'],
      tractor().at(7_200).drivesOnto('TERMINALSIDE').at(8_000).tagHeard('A', 2),
    ],
    [
      'is another truck’s, which comes the other way in a reversible lane',
      [FIRST, '9000 OUT CROSSED SEEN'],
      rear(tractor('BOTH'), 9_000, 13_000)
        .at(9_100)
        .tagHeard('A', 2)
        .at(9_500)
        .tagHeard('B', 2)
        .at(10_000)
        .isAccepted()
        .at(12_000)
        .drivesOnto('LANDSIDE')
        .tagHeard('B', 1)
        .at(15_000)
        .leaves('LANDSIDE'),
    ],
  ];

  it.each(cases)('%s: %j', (_name, expected, story) => {
    expect(passesOf(story).map(told)).toEqual(expected);
  });

  it('makes one pass while the entry loop is still on', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(1_000).isAccepted();
    story.at(3_000).drivesOnto('TERMINALSIDE').at(4_000).leaves('TERMINALSIDE').at(5_500).drivesOnto('TERMINALSIDE');
    story.at(6_000).leaves('LANDSIDE').at(8_000).leaves('TERMINALSIDE');
    expect(passesOf(story).map(told)).toEqual([FIRST]);
  });

  it('makes one pass, for a person, when both loops were off and its antennas heard it go on', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(500).tagHeard('A', 1).at(1_000).isAccepted();
    story.at(3_000).drivesOnto('TERMINALSIDE').at(3_500).tagHeard('A', 2).at(4_000).leaves('TERMINALSIDE');
    rear(story.at(4_200).leaves('LANDSIDE'), 5_500, 7_000).at(6_000).tagHeard('A', 2);
    expect(passesOf(story).map(told)).toEqual(['0 IN UNDECIDED UNKNOWN LOOP_ANTENNA_CONFLICT']);
  });

  it('begins the tail anew when the rear has left', () => {
    const story = rear(tractor()).at(8_000).tagHeard('A', 2);
    story.at(20_000).drivesOnto('LANDSIDE').at(23_500).tagHeard('A', 2).plateSeen('浙BB1048').at(26_000);
    expect(passesOf(story.leaves('LANDSIDE')).map(({ tags }) => tags.map(({ epc }) => epc))).toEqual([['A'], []]);
  });

  it('is told apart from the next truck’s pass only when that truck comes later: else a person looks', () => {
    const story = tractor().at(7_200).drivesOnto('TERMINALSIDE').at(7_500).tagHeard('A', 2);
    story.at(8_000).drivesOnto('LANDSIDE').at(8_300).tagHeard('N', 1).plateSeen('浙BB1048').at(9_000);
    story.leaves('TERMINALSIDE').isAccepted().at(12_000).drivesOnto('TERMINALSIDE').at(13_000).leaves('LANDSIDE');
    const passes = passesOf(story.at(15_000).leaves('TERMINALSIDE'));
    expect(passes.map(told)).toEqual([FIRST, '7200 UNKNOWN UNDECIDED UNKNOWN SEVERAL_TRUCKS']);
    expect(passes[1]?.tags.map(({ epc }) => epc)).toEqual(['N']);
  });
});

describe('a truck without a sign of its own behind one that was turned away', () => {
  it('has a pass of its own: the other still stands there', () => {
    const story = new LaneStory('IN').at(0).drivesOnto('LANDSIDE').at(500).tagHeard('A', 1).at(2_000).isRefused();
    story.at(6_000).leaves('LANDSIDE').at(9_000).drivesOnto('LANDSIDE').at(9_500).tagHeard('A', 1);
    expect(passesOf(story.at(12_000).leaves('LANDSIDE')).map(told)).toEqual([
      '0 IN REFUSED NOT_REACHED',
      '9000 IN TURNED_BACK NOT_REACHED',
    ]);
  });
});
