import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * PostgreSQL takes a table of which it knows nothing for ten pages, and nobody counts an empty one. Policies ask for sandboxes in
 * each of their parts: at that price it read all windows of a company rather than the one that a shipment leads to.
 */
export class ReadingPaths1764172800000 implements MigrationInterface {
  readonly name = 'ReadingPaths1764172800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ANALYZE sandbox, sandbox_member');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}
