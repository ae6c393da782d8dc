import Sequencer from '@jest/test-sequencer';

/** Files that wait longest: begun last, they would be waited for alone. */
const LONGEST = ['/test/chaos/kills', '/test/e2e/main-job', '/test/e2e/gateway'];

const rank = ({ path }) => {
  const found = LONGEST.findIndex((part) => path.includes(part));
  return found === -1 ? LONGEST.length : found;
};

/** The others as Jest has them: by how long they took here the last time, and on a new machine by their sizes. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).toSorted((a, b) => rank(a) - rank(b));
  }
}
