import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Conversations, who is in them and since when, and what they say. A pair of people has one conversation of its own,
 * unique in a table by itself, so that conversations can be distributed by id and pairs by pair.
 */
export class CreateMessaging1795330800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Each message updates the row: room on its page keeps that from touching the index.
    await runner.query(`
      CREATE TABLE conversations (
        id uuid NOT NULL,
        kind text NOT NULL,
        title text,
        last_seq integer NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 1,
        created_by uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT conversations_pkey PRIMARY KEY (id),
        CONSTRAINT conversations_kind CHECK (kind IN ('direct', 'group')),
        CONSTRAINT conversations_not_negative CHECK (last_seq >= 0)
      ) WITH (fillfactor = 80)
    `);
    await runner.query(`
      CREATE TABLE conversation_pairs (
        pair_key text NOT NULL,
        conversation_id uuid NOT NULL,
        CONSTRAINT conversation_pairs_pkey PRIMARY KEY (pair_key)
      )
    `);
    await runner.query(`
      CREATE TABLE conversation_members (
        conversation_id uuid NOT NULL,
        user_id uuid NOT NULL,
        state text NOT NULL,
        from_seq integer NOT NULL,
        last_read_seq integer NOT NULL,
        last_received_seq integer NOT NULL,
        muted boolean NOT NULL DEFAULT FALSE,
        joined_at timestamptz(3) NOT NULL,
        last_activity_at timestamptz(3) NOT NULL,
        CONSTRAINT conversation_members_pkey PRIMARY KEY (conversation_id, user_id),
        CONSTRAINT conversation_members_state CHECK (state IN ('active', 'requested', 'left', 'declined')),
        CONSTRAINT conversation_members_read CHECK (last_read_seq >= from_seq AND from_seq >= 0)
      )
    `);
    await runner.query(`
      CREATE INDEX conversation_members_by_activity
        ON conversation_members (user_id, state, last_activity_at, conversation_id)
    `);
    await runner.query(`
      CREATE INDEX conversation_members_unread ON conversation_members (user_id, conversation_id)
        WHERE state = 'active' AND last_received_seq > last_read_seq
    `);
    await runner.query(`
      CREATE TABLE membership_intervals (
        conversation_id uuid NOT NULL,
        user_id uuid NOT NULL,
        from_seq integer NOT NULL,
        until_seq integer,
        CONSTRAINT membership_intervals_pkey PRIMARY KEY (conversation_id, user_id, from_seq),
        CONSTRAINT membership_intervals_order CHECK (until_seq >= from_seq)
      )
    `);
    await runner.query(`
      CREATE TABLE messages (
        conversation_id uuid NOT NULL,
        id uuid NOT NULL,
        seq integer NOT NULL,
        sender_id uuid NOT NULL,
        text text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        sent_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, id),
        CONSTRAINT messages_seq_key UNIQUE (conversation_id, seq)
      )
    `);
    await runner.query(`
      CREATE INDEX messages_by_id ON messages (id)
    `);
    await runner.query(`
      CREATE INDEX messages_by_sender ON messages (conversation_id, sender_id, seq)
    `);
    await runner.query(`
      CREATE INDEX messages_deleted ON messages (conversation_id, seq, sender_id) WHERE deleted_at IS NOT NULL
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['messages', 'membership_intervals', 'conversation_members', 'conversation_pairs']) {
      await runner.query(`
        DROP TABLE ${table}
      `);
    }
    await runner.query(`
      DROP TABLE conversations
    `);
  }
}
