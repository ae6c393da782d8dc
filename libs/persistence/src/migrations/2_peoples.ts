import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All kinds of organisations and roles that the port lets in. */
export class Peoples1764129600000 implements MigrationInterface {
  readonly name = 'Peoples1764129600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE organisation DROP CONSTRAINT organisation_kind_check;
ALTER TABLE organisation ADD CONSTRAINT organisation_kind_check CHECK (kind IN
  ('PORT_GROUP','TERMINAL','LOGISTICS_COMPANY','CUSTOMS_OFFICE','QUARANTINE_OFFICE','BANK','PLATFORM_OPERATOR'));
ALTER TABLE membership DROP CONSTRAINT membership_role_check;
ALTER TABLE membership ADD CONSTRAINT membership_role_check CHECK (role IN
  ('GATE_OPERATOR','PORT_MONITOR','LOGISTICS','COMPANY_ADMINISTRATOR','DRIVER','CUSTOMS_OFFICER','QUARANTINE_OFFICER',
   'BANK_OFFICER','PLATFORM_OPERATOR','SYSTEM_ADMINISTRATOR','SECURITY_ADMINISTRATOR','AUDIT_ADMINISTRATOR'));
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}
