import { Controller, Get, Header, HttpException, HttpStatus } from '@nestjs/common';
import { Gateway } from './gateway.js';

/** The gateway's small http, on PORT: for the machine's own watch, not for devices. */
@Controller()
export class HealthController {
  constructor(private readonly gateway: Gateway) {}

  @Get('health/live')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** 503 while the spool takes nothing. The service being away is no reason: the spool is there for it. */
  @Get('health/ready')
  ready(): object {
    const { spool, devices } = this.gateway.health;
    const { kept, dropped } = this.gateway.refusedItems;
    const body = {
      status: this.gateway.isReady ? 'ready' : 'waiting',
      uplink: this.gateway.uplinkState,
      refusedItems: { kept, dropped },
      spool,
      devices,
    };
    if (!this.gateway.isReady) throw new HttpException(body, HttpStatus.SERVICE_UNAVAILABLE);
    return body;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.gateway.metrics.registry.metrics();
  }
}
