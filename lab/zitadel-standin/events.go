package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Migration events as the real server writes them into its eventstore; the last one of a name is the step's state.
const (
	started        = "system.migration.started"
	done           = "system.migration.done"
	failed         = "system.migration.failed"
	repeatableDone = "system.migration.repeatable.done"
)

// lockKey keeps two writers of migration events apart for the length of a transaction.
const lockKey = 4130

type event struct {
	kind, name string
	lastRun    map[string]any
}

// push appends an event; the caller's transaction must hold the lock.
func push(ctx context.Context, tx pgx.Tx, kind, name string, more map[string]any) error {
	payload := map[string]any{"name": name}
	for key, value := range more {
		payload[key] = value
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO eventstore.events2 (instance_id, aggregate_type, aggregate_id, event_type, sequence, revision,
			created_at, payload, creator, owner, position, in_tx_order)
		SELECT '', 'system', 'SYSTEM', $1, coalesce(max(sequence), 0) + 1, 1,
			clock_timestamp(), $2, 'system', 'SYSTEM', extract(epoch FROM clock_timestamp()), 0
		FROM eventstore.events2 WHERE instance_id = '' AND aggregate_type = 'system'`, kind, payload)
	return err
}

// last is the newest migration event, of one step or, without a name, of all; nil where there is none.
func last(ctx context.Context, tx pgx.Tx, name string) (*event, error) {
	var found event
	err := tx.QueryRow(ctx, `
		SELECT event_type, payload->>'name', coalesce(payload->'lastRun', '{}') FROM eventstore.events2
		WHERE instance_id = '' AND aggregate_type = 'system' AND event_type LIKE 'system.migration.%'
			AND ($1 = '' OR payload->>'name' = $1)
		ORDER BY sequence DESC LIMIT 1`, name).Scan(&found.kind, &found.name, &found.lastRun)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &found, err
}

// locked runs a function in a transaction that no other writer of migration events shares.
func locked(ctx context.Context, pool *pgxpool.Pool, work func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey); err != nil {
			return err
		}
		return work(tx)
	})
}
