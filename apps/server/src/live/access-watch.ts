import { Identity } from '#libs/identity';
import type { Logger } from '#libs/kernel';
import { ChannelListener, Database } from '#libs/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '../operations/logger.token.js';

/** The channel of the schema's trigger `tell_access_change`. */
const CHANNEL = 'boxtrail_access';

/** Whose rights have changed. WINDOWS: what a company sees, and not who may act for it. EVERYBODY: nobody knows whose. */
export type AccessChange =
  { readonly whom: 'PERSON' | 'ORGANISATION' | 'WINDOWS'; readonly id: string } | { readonly whom: 'EVERYBODY' };

/** Hears of every right that was taken, forgets who was known, and tells those who hold something open. */
@Injectable()
export class AccessWatch {
  private readonly listeners = new Set<(change: AccessChange) => void>();
  private readonly listener: ChannelListener;

  constructor(
    database: Database,
    private readonly identity: Identity,
    @Inject(LOGGER) logger: Logger,
  ) {
    const hearing = {
      heard: (payload: string) => this.tell(changeIn(payload)),
      begun: () => this.tell({ whom: 'EVERYBODY' }),
    };
    this.listener = new ChannelListener(database, CHANNEL, hearing, logger);
  }

  start(): Promise<void> {
    return this.listener.start();
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }

  onChange(listener: (change: AccessChange) => void): void {
    this.listeners.add(listener);
  }

  private forget(change: AccessChange): void {
    switch (change.whom) {
      case 'PERSON':
        return this.identity.forget({ personId: change.id });
      case 'ORGANISATION':
        return this.identity.forget({ organisationId: change.id });
      case 'EVERYBODY':
        return this.identity.forget();
      case 'WINDOWS':
        // What a company sees is asked anew each time.
        return;
    }
  }

  private tell(change: AccessChange): void {
    this.forget(change);
    for (const listener of this.listeners) listener(change);
  }
}

/** Anybody may write to a channel: what is not understood concerns everybody. */
function changeIn(payload: string): AccessChange {
  const [, whom, id] = /^(PERSON|ORGANISATION|WINDOWS):([0-9a-f-]{36})$/.exec(payload) ?? [];
  return whom === undefined || id === undefined
    ? { whom: 'EVERYBODY' }
    : { whom: whom as 'PERSON' | 'ORGANISATION' | 'WINDOWS', id };
}
