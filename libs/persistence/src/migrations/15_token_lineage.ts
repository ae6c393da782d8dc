import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A token ends with the one that it was drawn with, however that ends: whoever took a token keeps none that they made of it. */
export class TokenLineage1764176400000 implements MigrationInterface {
  readonly name = 'TokenLineage1764176400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LINEAGE);
    await runner.query(ENDS_WITH_IT);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const LINEAGE = `
-- null: drawn in a session or at the machine. Of those from before nobody knows.
ALTER TABLE access_token ADD COLUMN drawn_with uuid REFERENCES access_token;
CREATE INDEX access_token_by_lineage ON access_token (drawn_with) WHERE drawn_with IS NOT NULL;
`;

/**
 * Generation by generation, each in a statement of its own: it sees what was drawn while the one before it waited for its locks.
 * One that a trigger calls ends nothing further, so that a long line costs no stack.
 */
const ENDS_WITH_IT = `
CREATE FUNCTION end_drawn_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  generation uuid[] := ARRAY[NEW.id];
BEGIN
  WHILE cardinality(generation) > 0 LOOP
    WITH ended AS (
      UPDATE access_token
      SET revoked_at = coalesce(revoked_at, NEW.revoked_at), expires_at = least(expires_at, NEW.expires_at)
      WHERE drawn_with = ANY (generation)
        AND ((revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
          OR coalesce(expires_at > NEW.expires_at, NEW.expires_at IS NOT NULL))
      RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO generation FROM ended;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER access_token_ends_drawn AFTER UPDATE OF revoked_at, expires_at ON access_token
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION end_drawn_tokens();
`;
