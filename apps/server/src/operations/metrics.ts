import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the service counts; one registry a service, so that two of one process do not meet. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly statements = new Counter({
    name: 'boxtrail_api_statements_total',
    help: 'SQL statements that answered questions of the API',
    registers: [this.registry],
  });

  readonly subscriptions = new Gauge({
    name: 'boxtrail_subscriptions',
    help: 'Subscriptions that are told what is stored; one that catches up first is not among them',
    labelNames: ['topic'],
    registers: [this.registry],
  });

  readonly subscriptionsBegun = new Counter({
    name: 'boxtrail_subscriptions_begun_total',
    help: 'Times that a subscription began to be told what is stored: once each, and again when it had let too much wait',
    labelNames: ['topic'],
    registers: [this.registry],
  });

  readonly sockets = new Gauge({
    name: 'boxtrail_sockets',
    help: 'Open WebSockets',
    registers: [this.registry],
  });

  readonly refusedUpgrades = new Counter({
    name: 'boxtrail_upgrades_refused_total',
    help: 'WebSocket upgrades refused',
    labelNames: ['status'],
    registers: [this.registry],
  });

  readonly webhookAttempts = new Counter({
    name: 'boxtrail_webhook_attempts_total',
    help: 'Attempts to tell a webhook',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly ingestedItems = new Counter({
    name: 'boxtrail_ingest_items_total',
    help: 'Uplink items handed to the pipeline',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  readonly ingestSeconds = new Histogram({
    name: 'boxtrail_ingest_seconds',
    help: 'From the arrival of a batch to its commit',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [this.registry],
  });

  readonly uplinkRefused = new Counter({
    name: 'boxtrail_uplink_refused_total',
    help: 'Requests of gateways that did not prove who they are',
    labelNames: ['code'],
    registers: [this.registry],
  });

  readonly auditWaiting = new Gauge({
    name: 'boxtrail_audit_waiting',
    help: 'Records of the audit that wait to be written',
    registers: [this.registry],
  });

  readonly passwordsVerified = new Counter({
    name: 'boxtrail_passwords_verified_total',
    help: 'Password hashes computed to verify, whether anybody has that login name or not',
    registers: [this.registry],
  });

  readonly signIns = new Counter({
    name: 'boxtrail_sign_ins_total',
    help: 'Sign-ins that were tried',
    labelNames: ['method', 'outcome'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
