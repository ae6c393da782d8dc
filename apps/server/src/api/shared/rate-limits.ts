import { DomainError } from '#libs/kernel';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What is left of somebody's points. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Until the points are whole again. */
  readonly resetSeconds: number;
}

export interface RateOptions {
  /** Points of one principal a minute; an operation costs one, and one more for each `OBJECTS_PER_POINT`. */
  readonly principalPoints: number;
  /** Points of one address a minute without a valid token. */
  readonly strangerPoints: number;
}

export const RATE_OPTIONS: RateOptions = { principalPoints: 6_000, strangerPoints: 300 };

/** Objects that an answer can hold for one point more. */
export const OBJECTS_PER_POINT = 500;
const WINDOW_S = 60;

/** Who pays: a principal by its acting id, or, without a valid token, the address. */
export type Payer = { readonly principal: string } | { readonly address: string };

/** Points of each who asks, of this process alone: a limit for the whole port is this times its processes. */
export class RateLimits {
  private readonly principals: RateLimiterMemory;
  private readonly strangers: RateLimiterMemory;

  constructor(private readonly options: RateOptions = RATE_OPTIONS) {
    this.principals = new RateLimiterMemory({ points: options.principalPoints, duration: WINDOW_S });
    this.strangers = new RateLimiterMemory({ points: options.strangerPoints, duration: WINDOW_S });
  }

  /** @throws DomainError RATE_LIMITED with `details.retryAfterSeconds` */
  async take(payer: Payer, points: number): Promise<RateState> {
    const [limiter, key, limit] =
      'principal' in payer
        ? ([this.principals, payer.principal, this.options.principalPoints] as const)
        : ([this.strangers, payer.address, this.options.strangerPoints] as const);
    try {
      return stateOf(await limiter.consume(key, points), limit);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const { resetSeconds } = stateOf(refusal, limit);
      throw new DomainError('RATE_LIMITED', {
        limit,
        windowSeconds: WINDOW_S,
        retryAfterSeconds: resetSeconds,
        expected: `at most ${limit} points in ${WINDOW_S} s`,
      });
    }
  }
}

function stateOf({ remainingPoints, msBeforeNext }: RateLimiterRes, limit: number): RateState {
  return { limit, remaining: Math.max(0, remainingPoints), resetSeconds: Math.ceil(msBeforeNext / 1_000) };
}

/** `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers writes them. */
export function rateHeaders({ limit, remaining, resetSeconds }: RateState): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"points";q=${limit};w=${WINDOW_S}`,
    ratelimit: `"points";r=${remaining};t=${resetSeconds}`,
  };
}
