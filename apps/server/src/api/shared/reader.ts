import type { Principal } from '#libs/identity';
import { visibilityOf } from '#libs/identity';
import { ask, type Database, type Question, type Visibility } from '#libs/persistence';
import type { Counter } from 'prom-client';

/** Asks the database in one principal's name. */
export class Reader {
  readonly visibility: Visibility;

  constructor(
    private readonly database: Database,
    readonly principal: Principal,
    private readonly statements: Counter,
    /** When the principal's token ends, in milliseconds; infinite without an end. */
    readonly validUntil = Number.POSITIVE_INFINITY,
  ) {
    this.visibility = visibilityOf(principal);
  }

  /** One statement in a transaction of its own that sees what the principal may. */
  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.statements.inc();
    return this.database.readOne(this.visibility, sql, values);
  }

  /** The same for a text that comes again and again: connections keep it prepared. */
  queryPrepared<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.statements.inc();
    return this.database.readOne(this.visibility, sql, values, { prepared: true });
  }

  ask<Key extends string | readonly string[], Row extends object, Value>(
    question: Question<Key, Row, Value>,
    keys: readonly Key[],
  ): Promise<readonly Value[]> {
    return ask({ query: (sql, values) => this.queryPrepared(sql, values) }, this.visibility, question, keys);
  }

  /** False from a suspension on: what is read then is empty, and says nothing of what there is. */
  async isBelieved(): Promise<boolean> {
    const [row] = await this.query<{ believed: boolean }>('SELECT reader_scope() IS NOT NULL AS believed');
    return row?.believed === true;
  }

  /** The principal's sites, or of these the named one. */
  sites(named: string | null | undefined): readonly string[] {
    const { siteIds } = this.principal;
    return named === null || named === undefined ? siteIds : siteIds.filter((site) => site === named);
  }
}
