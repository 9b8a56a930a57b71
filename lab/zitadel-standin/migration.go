package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const retryInterval = 5 * time.Second

const schemas = `
	CREATE SCHEMA IF NOT EXISTS eventstore; CREATE SCHEMA IF NOT EXISTS projections; CREATE SCHEMA IF NOT EXISTS system;
	CREATE TABLE IF NOT EXISTS system.encryption_keys (id text PRIMARY KEY, key bytea NOT NULL);
	CREATE TABLE IF NOT EXISTS eventstore.events2 (
		instance_id text NOT NULL, aggregate_type text NOT NULL, aggregate_id text NOT NULL, event_type text NOT NULL,
		sequence bigint NOT NULL, revision smallint NOT NULL, created_at timestamptz NOT NULL, payload jsonb,
		creator text NOT NULL, owner text NOT NULL, position numeric NOT NULL, in_tx_order integer NOT NULL,
		PRIMARY KEY (instance_id, aggregate_type, aggregate_id, sequence))`

// step is one migration; `since` is the release that brought it. A repeatable one runs again when its `run` changes.
type step struct {
	name, since, sql string
	work             func(context.Context, pgx.Tx) error
	run              map[string]any
}

func steps(settings *settings, key []byte) []step {
	return []step{
		{name: "01_tables", since: "v4.0.0", sql: "CREATE TABLE projections.instance_domains (domain text PRIMARY KEY)"},
		{name: "02_assets", since: "v4.0.0", sql: "CREATE TABLE system.assets (name text PRIMARY KEY, data bytea)"},
		{name: "03_default_instance", since: "v4.0.0", work: func(ctx context.Context, tx pgx.Tx) error {
			return makeSigningKey(ctx, tx, key)
		}},
		{name: "61_sessions", since: "v4.13.1", sql: "CREATE TABLE projections.sessions (id text PRIMARY KEY)"},
		{name: "62_sessions_user", since: "v4.14.0", sql: "ALTER TABLE projections.sessions ADD COLUMN user_id text"},
		{name: "63_sessions_agent", since: "v4.15.0", sql: "ALTER TABLE projections.sessions ADD COLUMN agent text"},
		{name: "projection_tables", since: "v4.0.0", run: map[string]any{"version": version}},
		{name: "config_change", since: "v4.0.0", work: func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO projections.instance_domains VALUES ($1) ON CONFLICT DO NOTHING", settings.ExternalDomain)
			return err
		}, run: map[string]any{
			"externalDomain": settings.ExternalDomain,
			"externalPort":   strconv.Itoa(settings.ExternalPort),
			"externalSecure": settings.ExternalSecure,
		}},
	}
}

// runInitDatabase makes role and database as the administrator; what exists stays as it is, passwords too.
func runInitDatabase(ctx context.Context, settings *settings) error {
	postgres := settings.Database.Postgres
	existing := postgres.Admin.ExistingDatabase
	if existing == "" {
		existing = "postgres"
	}
	pool, err := settings.connect(ctx, postgres.Admin, existing)
	if err != nil {
		return err
	}
	defer pool.Close()
	user, database := pgx.Identifier{postgres.User.Username}.Sanitize(), pgx.Identifier{postgres.Database}.Sanitize()
	for _, verified := range []struct{ what, name, exists, make string }{
		{"user", postgres.User.Username, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", "CREATE ROLE " + user + " LOGIN PASSWORD %L"},
		{"database", postgres.Database, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", "CREATE DATABASE " + database},
		{"grant", "", "SELECT $1 <> ''", "GRANT ALL ON DATABASE " + database + " TO " + user},
	} {
		slog.Info("verify "+verified.what, "name", verified.name)
		var exists bool
		if err := pool.QueryRow(ctx, verified.exists, verified.name).Scan(&exists); err != nil {
			return err
		}
		if exists {
			continue
		}
		statement := verified.make
		if verified.what == "user" { // the server quotes the password
			err = pool.QueryRow(ctx, "SELECT format($1, $2::text)", statement, postgres.User.Password).Scan(&statement)
			if err != nil {
				return err
			}
		}
		if _, err := pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s %s cannot be made: %w", verified.what, verified.name, err)
		}
	}
	return nil
}

// runInitSchemas makes, as the own role, what `setup` needs to write its events.
func runInitSchemas(ctx context.Context, settings *settings) error {
	pool, err := settings.connectUser(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	slog.Info("verify zitadel", "database", settings.Database.Postgres.Database)
	_, err = pool.Exec(ctx, schemas)
	return err
}

func runSetup(ctx context.Context, settings *settings) error {
	key, err := settings.masterkey()
	if err != nil {
		return err
	}
	pool, err := settings.connectUser(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := readSigningKey(ctx, pool, key); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	for _, step := range steps(settings, key) {
		if isNewer(step.since, version) {
			continue
		}
		if err := migrate(ctx, pool, step); err != nil {
			return fmt.Errorf("migration %s failed: %w", step.name, err)
		}
	}
	slog.Info("setup completed")
	return nil
}

// migrate brings one step to its end: the mark `started` keeps everybody else waiting, for ever if its maker is killed.
func migrate(ctx context.Context, pool *pgxpool.Pool, step step) error {
	slog.Info("verify migration", "name", step.name)
	for {
		before := &event{}
		err := locked(ctx, pool, func(tx pgx.Tx) error {
			found, err := last(ctx, tx, step.name)
			if err != nil {
				return err
			}
			if found != nil {
				before = found
			}
			if before.kind == started || isDone(before, step) {
				return nil
			}
			return push(ctx, tx, started, step.name, nil)
		})
		if err != nil || isDone(before, step) {
			return err
		}
		if before.kind != started {
			break
		}
		slog.Info("migration already started, will check again in 5 seconds", "name", step.name)
		time.Sleep(retryInterval)
	}
	slog.Info("starting migration", "name", step.name)
	problem := execute(ctx, pool, step)
	kind, more := done, map[string]any(nil)
	switch {
	case problem != nil:
		kind, more = failed, map[string]any{"error": problem.Error()}
	case step.run != nil:
		kind, more = repeatableDone, map[string]any{"lastRun": step.run}
	}
	return errors.Join(problem, locked(ctx, pool, func(tx pgx.Tx) error { return push(ctx, tx, kind, step.name, more) }))
}

func isDone(state *event, step step) bool {
	return state.kind == done || state.kind == repeatableDone && reflect.DeepEqual(state.lastRun, step.run)
}

func execute(ctx context.Context, pool *pgxpool.Pool, step step) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, step.sql); err != nil {
			return err
		}
		if step.since == version {
			pause, err := time.ParseDuration(slow)
			if err != nil {
				return err
			}
			time.Sleep(pause)
			if failing == "true" {
				_, err := tx.Exec(ctx, "ALTER TABLE projections.never_made ADD COLUMN agent text")
				return err
			}
		}
		if step.work != nil {
			return step.work(ctx, tx)
		}
		return nil
	})
}

// runCleanup takes back the mark of a step that was killed; the real server records it as failed.
func runCleanup(ctx context.Context, settings *settings) error {
	pool, err := settings.connectUser(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return locked(ctx, pool, func(tx pgx.Tx) error {
		newest, err := last(ctx, tx, "")
		if err != nil {
			return err
		}
		if newest == nil || newest.kind != started {
			slog.Info("no migration is stuck, nothing to clean up")
			return nil
		}
		slog.Info("cleanup migration", "name", newest.name)
		return push(ctx, tx, failed, newest.name, map[string]any{"error": "cancelled by cleanup"})
	})
}

// verifySchema refuses a schema that lacks a step of this release; a newer one is fine, as old pods serve during a rollout.
func verifySchema(ctx context.Context, pool *pgxpool.Pool, settings *settings) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, step := range steps(settings, nil) {
			if step.run != nil || isNewer(step.since, version) {
				continue
			}
			found, err := last(ctx, tx, step.name)
			if err != nil {
				return err
			}
			if found == nil || found.kind != done {
				return fmt.Errorf("the schema is older than %s: migration %s is not done; run setup first", version, step.name)
			}
		}
		return nil
	})
}

func isNewer(a, b string) bool {
	number := func(version string) (value int) {
		var major, minor, patch int
		fmt.Sscanf(version, "v%d.%d.%d", &major, &minor, &patch)
		return major*1_000_000 + minor*1_000 + patch
	}
	return number(a) > number(b)
}
