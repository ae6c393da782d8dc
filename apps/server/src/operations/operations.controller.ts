import { AuditTrail } from '#libs/audit';
import { DomainError } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Controller, Get, Header } from '@nestjs/common';
import { homePage } from './home-page.js';
import { Metrics } from './metrics.js';

/** A database that does not answer within this is away. */
const READY_WITHIN_MS = 2_000;

@Controller()
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly trail: AuditTrail,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  home(): string {
    return homePage();
  }

  @Get('health/live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** 503 while the database is away, and 200 as soon as it answers again. */
  @Get('health/ready')
  async ready(): Promise<{ status: 'ready' }> {
    const asked = this.database.readPublic((tx) => tx.query('SELECT 1 FROM tracking_event LIMIT 0'));
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DomainError('UNAVAILABLE', { part: 'database' })), READY_WITHIN_MS);
    });
    try {
      await Promise.race([asked, tooLate]);
    } catch (cause) {
      throw new DomainError('UNAVAILABLE', { part: 'database' }, { cause });
    } finally {
      clearTimeout(timer);
    }
    return { status: 'ready' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  exposition(): Promise<string> {
    this.metrics.auditWaiting.set(this.trail.length);
    return this.metrics.registry.metrics();
  }
}
