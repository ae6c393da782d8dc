import { describe, expect, it } from '@jest/globals';
import { BoundedQueue } from './bounded-queue.js';

describe('a bounded queue', () => {
  it('gives what was pushed in order, waiting or not', async () => {
    const queue = new BoundedQueue<number>(3, () => undefined);
    const waiting = queue.next();
    queue.push(1);
    queue.push(2);
    expect(await waiting).toEqual({ done: false, value: 1 });
    expect(await queue.next()).toEqual({ done: false, value: 2 });
  });

  it('gives a reader that lets too much wait what waited, tells it once that more was to come, and then is over', async () => {
    let ended = 0;
    const queue = new BoundedQueue<number>(2, () => (ended += 1));
    for (let at = 0; at < 10; at += 1) queue.push(at);
    expect([await queue.next(), await queue.next()].map(({ value }) => value as number)).toEqual([0, 1]);
    await expect(queue.next()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(ended).toBe(1);
  });

  it('lets go of a waiting reader when it is ended, and takes nothing more', async () => {
    let ended = 0;
    const queue = new BoundedQueue<number>(2, () => (ended += 1));
    const waiting = queue.next();
    await queue.return();
    queue.push(1);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    await queue.return();
    expect(ended).toBe(1);
  });
});
