import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Failures behind each other, and the pause that they led to. */
@Entity('sign_in_attempt')
export class SignInAttemptEntity {
  /** Blind index of a login name, a person or a remote address. */
  @PrimaryColumn('bytea')
  subject!: Buffer;

  @Column('integer')
  failures!: number;

  /** Of the last one. */
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'locked_until', precision: 3, nullable: true })
  lockedUntil!: Date | null;
}
