import { visibilityOf, type Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { AccessChange } from './access-watch.js';

/** Who a token stands for, and until when in milliseconds. */
interface Standing {
  readonly principal: Principal;
  readonly validUntil: number;
}

/**
 * A socket whose holder is known, for as long as that holds: looked at again and again, at the moment when the token ends, and when
 * somebody says so. While it is looked at, nothing is told.
 */
export class StandingSocket {
  private readonly rights: string;
  private readonly again: NodeJS.Timeout;
  private atEnd: NodeJS.Timeout | undefined;
  private checking: Promise<void> | undefined;

  constructor(
    private readonly socket: WebSocket,
    private standing: Standing,
    private readonly everyMs: number,
    private readonly look: () => Promise<Standing>,
  ) {
    this.rights = rightsOf(standing.principal);
    this.again = setInterval(() => this.check(), everyMs);
    this.watchEnd();
  }

  get personId(): string {
    return this.standing.principal.personId;
  }

  isOf(change: AccessChange): boolean {
    switch (change.whom) {
      case 'EVERYBODY':
        return true;
      case 'PERSON':
        return change.id === this.personId;
      case 'ORGANISATION':
      case 'WINDOWS':
        return change.id === this.standing.principal.organisationId;
    }
  }

  /** Closes the socket when its token is no longer valid, or no longer gives the rights that its subscriptions read by. */
  check(): void {
    const checking = this.lookAgain().finally(() => {
      if (this.checking === checking) this.checking = undefined;
    });
    this.checking = checking;
  }

  /** Resolves once it is sure that the socket may be told something, or that it is closed. */
  async settled(): Promise<void> {
    if (this.standing.validUntil <= Date.now()) this.close('UNAUTHENTICATED');
    while (this.checking !== undefined) await this.checking;
  }

  end(): void {
    clearInterval(this.again);
    clearTimeout(this.atEnd);
  }

  private async lookAgain(): Promise<void> {
    try {
      const standing = await this.look();
      if (rightsOf(standing.principal) !== this.rights) return this.close('Your rights have changed: connect again');
      this.standing = standing;
      this.watchEnd();
    } catch (error) {
      // A database that is away says nothing of the token.
      if (error instanceof DomainError && (error.category === 'UNAUTHENTICATED' || error.category === 'FORBIDDEN')) {
        this.close(error.code);
      }
    }
  }

  /** The next look may be too late: one that ends before it has a look of its own. */
  private watchEnd(): void {
    clearTimeout(this.atEnd);
    const left = this.standing.validUntil - Date.now();
    if (left <= this.everyMs) this.atEnd = setTimeout(() => this.check(), Math.max(0, left));
  }

  private close(reason: string): void {
    this.socket.close(CloseCode.Forbidden, reason);
  }
}

function rightsOf(principal: Principal): string {
  const { role, scopes, secondFactor } = principal;
  return JSON.stringify([role, visibilityOf(principal), scopes, secondFactor]);
}
