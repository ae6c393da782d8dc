import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From an event to the companies in whose windows it lies, when subscribers are told. */
export class Live1764144000000 implements MigrationInterface {
  readonly name = 'Live1764144000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX company_window_by_container ON company_window (container_number, valid_from)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}
