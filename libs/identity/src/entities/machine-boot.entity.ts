import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One process of a machine, and which of its requests were here. */
@Entity('machine_boot')
export class MachineBootEntity {
  @PrimaryColumn('text', { name: 'gateway_id' })
  gatewayId!: string;

  @PrimaryColumn('text')
  boot!: string;

  /** By the machine's clock, as it signed. */
  @Column({ type: 'timestamptz', name: 'first_at', precision: 3 })
  firstAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_at', precision: 3 })
  lastAt!: Date;

  @Column('bigint', { name: 'last_sequence' })
  lastSequence!: string;

  /** Bit n: the sequence n before the last one was here. */
  @Column('bigint')
  seen!: string;

  @Column('text')
  address!: string;

  /** By our clock. */
  @Column({ type: 'timestamptz', name: 'heard_at', precision: 3 })
  heardAt!: Date;
}
