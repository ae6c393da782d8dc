import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  findVisit,
  NEVER,
  NO_VISITS,
  putVisit,
  takeDue,
  takeNamed,
  takeOldest,
  visitHash,
  type VisitNode,
  type VisitPlace,
} from './visit-index.js';

interface Visit extends VisitPlace {
  readonly deadline: number;
}

const deadlineOf = ({ deadline }: Visit): number => deadline;
const nameOf = ({ deviceId, antenna, epc }: Omit<VisitPlace, 'openedAt'>): string => `${deviceId} ${antenna} ${epc}`;
const byName = (a: Visit, b: Visit): number => (nameOf(a) < nameOf(b) ? -1 : 1);
const sorted = (visits: Iterable<Visit>): Visit[] => [...visits].sort(byName);
const put = (root: VisitNode<Visit>, visit: Visit) => putVisit(root, visitHash(visit), visit, visit.deadline);

/** All visits of a tree, without asking the functions under test. */
function contents(part: VisitNode<Visit>['below'][number]): Visit[] {
  if (part === null) return [];
  return 'below' in part ? part.below.flatMap(contents) : [...part.visits];
}

describe('the tree of open visits', () => {
  const tag = fc.record({
    deviceId: fc.constantFrom('A', 'B'),
    antenna: fc.integer({ min: 1, max: 4 }),
    epc: fc.integer({ min: 0, max: 60 }).map((n) => `E28011${n}`),
  });
  const step = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ does: fc.constant('put' as const), tag, afterMs: fc.integer({ min: 1, max: 50 }) }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('due' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('oldest' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('named' as const), deviceId: fc.constantFrom('A', 'B') }) },
  );

  it('finds, ends and evicts what a plain list would, and changes no tree that was there before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let root: VisitNode<Visit> = NO_VISITS;
        const plain = new Map<string, Visit>();
        const before: [VisitNode<Visit>, string][] = [];
        steps.forEach((doing, now) => {
          if (now % 50 === 0) before.push([root, JSON.stringify(root)]);
          if (doing.does === 'put') {
            const known = findVisit(root, visitHash(doing.tag), doing.tag);
            expect(known).toEqual(plain.get(nameOf(doing.tag)));
            const visit = { ...doing.tag, openedAt: known?.openedAt ?? now >> 2, deadline: now + doing.afterMs };
            root = put(root, visit);
            plain.set(nameOf(visit), visit);
            return;
          }
          const all = sorted(plain.values());
          const oldestAt = Math.min(...all.map(({ openedAt }) => openedAt));
          const [expected, step] =
            doing.does === 'due'
              ? [all.filter(({ deadline }) => deadline <= now), takeDue(root, now, deadlineOf)]
              : doing.does === 'oldest'
                ? [
                    all.filter(({ openedAt }) => openedAt === oldestAt).slice(0, 1),
                    takeOldest(root, byName, deadlineOf),
                  ]
                : [
                    all.filter(({ deviceId }) => deviceId === doing.deviceId),
                    takeNamed(root, ({ deviceId }) => deviceId === doing.deviceId, deadlineOf),
                  ];
          expect(sorted(step.taken)).toEqual(expected);
          root = step.root;
          for (const visit of expected) plain.delete(nameOf(visit));
        });
        expect(sorted(contents(root))).toEqual(sorted(plain.values()));
        for (const [tree, text] of before) expect(JSON.stringify(tree)).toBe(text);
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });

  it('is empty as at first when its last visit has ended', () => {
    const visit: Visit = { deviceId: 'A', antenna: 1, epc: 'E1', openedAt: 5, deadline: 10 };
    expect(takeDue(put(NO_VISITS, visit), 10, deadlineOf)).toEqual({ root: NO_VISITS, taken: [visit] });
    expect(JSON.parse(JSON.stringify(NO_VISITS))).toMatchObject({ quietUntil: NEVER, oldestAt: NEVER });
  });

  it('spreads 4,000 tags of one series over its lists, a dozen in the fullest', () => {
    let root: VisitNode<Visit> = NO_VISITS;
    for (let n = 0; n < 4_000; n++) {
      const epc = `E2801160600002${String(n).padStart(10, '0')}`;
      root = put(root, { deviceId: 'YARD', antenna: 1 + (n % 4), epc, openedAt: n, deadline: n });
    }
    const lengths = (part: VisitNode<Visit>['below'][number]): number[] =>
      part === null ? [] : 'below' in part ? part.below.flatMap(lengths) : [part.visits.length];
    expect(Math.max(...lengths(root))).toBeLessThanOrEqual(12);
  });
});
