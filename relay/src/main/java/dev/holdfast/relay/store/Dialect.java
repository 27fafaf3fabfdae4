package dev.holdfast.relay.store;

import java.util.List;

/** What the two databases call differently. All other SQL is the same. */
enum Dialect {
  SQLITE("BEGIN IMMEDIATE", "BLOB", ""),
  POSTGRESQL("BEGIN", "BYTEA", " FOR UPDATE");

  private final String begin;
  private final String bytes;
  private final String locking;

  Dialect(String begin, String bytes, String locking) {
    this.begin = begin;
    this.bytes = bytes;
    this.locking = locking;
  }

  /** Begins a transaction that may write. */
  String begin() {
    return begin;
  }

  /**
   * The query that reads a tenant's row and keeps it until the transaction is over. Whoever changes
   * anything of a tenant's asks this first: so two relays cannot wait for each other, and what one
   * of them gives out the other does not. SQLite has one writer anyway.
   */
  String lockTenant() {
    return "SELECT revoked_at FROM tenant WHERE id = ?" + locking;
  }

  /** What makes the tables, one version behind the other. Never changed, only added to. */
  List<List<String>> versions() {
    return List.of(
        List.of(
            """
            CREATE TABLE tenant (
              id TEXT PRIMARY KEY,
              name TEXT NOT NULL,
              made_at BIGINT NOT NULL,
              token_hash TEXT NOT NULL UNIQUE,
              token_until BIGINT NOT NULL,
              enrolled_at BIGINT,
              revoked_at BIGINT,
              credential_hash TEXT UNIQUE,
              former_hash TEXT,
              former_until BIGINT,
              public_key TEXT,
              waiting BIGINT NOT NULL DEFAULT 0,
              waiting_bytes BIGINT NOT NULL DEFAULT 0,
              refused BIGINT NOT NULL DEFAULT 0,
              expired BIGINT NOT NULL DEFAULT 0)
            """,
            "CREATE INDEX tenant_former ON tenant (former_hash)",
            """
            CREATE TABLE source (
              tenant_id TEXT NOT NULL REFERENCES tenant (id),
              id TEXT NOT NULL,
              made_at BIGINT NOT NULL,
              last_at BIGINT NOT NULL,
              secret_hash TEXT NOT NULL UNIQUE,
              former_hash TEXT,
              former_until BIGINT,
              ranges TEXT NOT NULL,
              last_number BIGINT NOT NULL DEFAULT 0,
              waiting BIGINT NOT NULL DEFAULT 0,
              holder TEXT,
              held_until BIGINT NOT NULL DEFAULT 0,
              taken BIGINT NOT NULL DEFAULT 0,
              served_at BIGINT NOT NULL DEFAULT 0,
              PRIMARY KEY (tenant_id, id))
            """,
            "CREATE INDEX source_former ON source (former_hash)",
            """
            CREATE TABLE delivery (
              tenant_id TEXT NOT NULL,
              source_id TEXT NOT NULL,
              number BIGINT NOT NULL,
              id TEXT NOT NULL UNIQUE,
              arrived_at BIGINT NOT NULL,
              key_id TEXT NOT NULL,
              length BIGINT NOT NULL,
              sealed %s NOT NULL,
              PRIMARY KEY (tenant_id, source_id, number))
            """
                .formatted(bytes),
            "CREATE INDEX delivery_arrived ON delivery (arrived_at)"));
  }
}
