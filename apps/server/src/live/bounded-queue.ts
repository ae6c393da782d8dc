import { DomainError } from '#libs/kernel';

/**
 * What waits for one reader, first in, first out. A reader that lets more than `capacity` wait gets what waits, then LIMIT_EXCEEDED and no
 * more: a gap that nobody knows of would be worse.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T> {
  private readonly items: T[] = [];
  private waiting: ((result: IteratorResult<T>) => void) | undefined;
  private failure: Error | undefined;
  private ended = false;

  constructor(
    private readonly capacity: number,
    private readonly onEnd: () => void,
  ) {}

  push(item: T): void {
    if (this.ended) return;
    if (this.waiting !== undefined) {
      this.waiting({ done: false, value: item });
      this.waiting = undefined;
    } else if (this.items.length < this.capacity) {
      this.items.push(item);
    } else {
      this.failure = new DomainError('LIMIT_EXCEEDED', {
        limit: 'events waiting for this subscription',
        value: this.capacity + 1,
        expected: `at most ${this.capacity}; subscribe again and page through what was missed`,
      });
      this.end();
    }
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.failure !== undefined) {
      const reason = this.failure;
      this.failure = undefined;
      return Promise.reject(reason);
    }
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.ended) this.end();
    this.items.length = 0;
    this.failure = undefined;
    this.waiting?.({ done: true, value: undefined });
    this.waiting = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    this.ended = true;
    this.onEnd();
  }
}
