package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// releases are those that the lab builds, oldest first; each adds one migration step of its own.
var releases = []string{"v4.13.0", "v4.13.1", "v4.14.0", "v4.15.0"}

const schema = `
create schema if not exists eventstore;
create table if not exists eventstore.events2 (
	position bigint generated always as identity,
	aggregate_type text not null,
	event_type text not null,
	payload jsonb not null,
	created_at timestamptz not null default clock_timestamp()
);
create schema if not exists projections;
create table if not exists projections.signing_key (only_one boolean primary key default true check (only_one), sealed bytea not null);
create table if not exists projections.releases (version text primary key, pods int not null default 0);`

// initialise makes role and database where there is an administrator, and the schemas always; it may be repeated.
func initialise(ctx context.Context, c *config, withAdmin bool) error {
	if withAdmin {
		if err := makeRoleAndDatabase(ctx, c); err != nil {
			return err
		}
	}
	db, err := c.openAsUser(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("verify zitadel failed: %w", err)
	}
	slog.Info("initialized")
	return nil
}

func makeRoleAndDatabase(ctx context.Context, c *config) error {
	pg := c.Database.Postgres
	admin, err := c.open(pg.Admin, os.Getenv("ZITADEL_DATABASE_POSTGRES_ADMIN_PASSWORD"), "postgres")
	if err != nil {
		return err
	}
	defer admin.Close()
	role, name := pgx.Identifier{pg.User.Username}.Sanitize(), pgx.Identifier{pg.Database}.Sanitize()
	password := "'" + escaped(os.Getenv("ZITADEL_DATABASE_POSTGRES_USER_PASSWORD")) + "'"
	for _, step := range []struct{ unless, do string }{
		{"select exists (select from pg_roles where rolname = $1)", "create role " + role + " login password " + password},
		{"select exists (select from pg_database where datname = $1)", "create database " + name},
	} {
		var exists bool
		wanted := map[bool]string{true: pg.User.Username, false: pg.Database}[step.do[:11] == "create role"]
		if err := admin.QueryRowContext(ctx, step.unless, wanted).Scan(&exists); err != nil {
			return fmt.Errorf("verify user or database failed: %w", err)
		}
		if !exists {
			if _, err := admin.ExecContext(ctx, step.do); err != nil {
				return fmt.Errorf("verify user or database failed: %w", err)
			}
		}
	}
	_, err = admin.ExecContext(ctx, "grant connect, create on database "+name+" to "+role)
	return err
}

func escaped(text string) string {
	out := ""
	for _, char := range text {
		if char == '\'' {
			out += "'"
		}
		out += string(char)
	}
	return out
}

type step struct {
	name string
	do   func(context.Context, *sql.DB) error
}

func steps(masterkey []byte) []step {
	list := []step{
		{"01_tables", func(context.Context, *sql.DB) error { return nil }},
		{"03_default_instance", func(ctx context.Context, db *sql.DB) error { return makeSigningKey(ctx, db, masterkey) }},
	}
	for _, release := range releases {
		list = append(list, step{stepOf(release), func(ctx context.Context, db *sql.DB) error { return migrateTo(ctx, db, release) }})
		if release == version {
			break
		}
	}
	return list
}

func stepOf(release string) string { return "release_" + release }

func migrateTo(ctx context.Context, db *sql.DB, release string) error {
	if release == version {
		seconds, _ := strconv.Atoi(slowSeconds)
		for done := range seconds {
			slog.Info("migrating", "name", stepOf(release), "done", done, "of", seconds)
			time.Sleep(time.Second)
		}
		if failing == "true" {
			return errors.New("this release of the stand-in always fails its migration")
		}
	}
	_, err := db.ExecContext(ctx, "insert into projections.releases (version) values ($1) on conflict do nothing", release)
	return err
}

// setUp runs every step that is not done; like the real one it never gives up waiting for a step that another has begun.
func setUp(ctx context.Context, c *config, masterkey []byte) error {
	db, err := c.openAsUser(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, todo := range steps(masterkey) {
		for {
			mine, err := begin(ctx, db, todo.name)
			if err != nil {
				return err
			}
			if mine {
				break
			}
			if last, _ := lastEvent(ctx, db, todo.name); last == "system.migration.done" {
				goto next
			}
			slog.Info("migration already started, will check again in 5 seconds", "name", todo.name)
			time.Sleep(5 * time.Second)
		}
		slog.Info("starting migration", "name", todo.name)
		if err := todo.do(ctx, db); err != nil {
			_ = record(ctx, db, "system.migration.failed", todo.name)
			return fmt.Errorf("migration %s failed: %w", todo.name, err)
		}
		if err := record(ctx, db, "system.migration.done", todo.name); err != nil {
			return err
		}
	next:
	}
	slog.Info("setup completed")
	return record(ctx, db, "system.migration.repeatable.done", "projections")
}

// begin marks a step as started unless it is started or done; the lock makes the look and the mark one act.
func begin(ctx context.Context, db *sql.DB, name string) (bool, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "select pg_advisory_xact_lock(hashtext($1))", name); err != nil {
		return false, err
	}
	last, err := lastEvent(ctx, tx, name)
	if err != nil || last == "system.migration.started" || last == "system.migration.done" {
		return false, err
	}
	if err := record(ctx, tx, "system.migration.started", name); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func lastEvent(ctx context.Context, db querier, name string) (string, error) {
	var kind string
	err := db.QueryRowContext(ctx, `select event_type from eventstore.events2
		where aggregate_type = 'system' and payload->>'name' = $1 order by position desc limit 1`, name).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return kind, err
}

func record(ctx context.Context, db querier, kind, name string) error {
	_, err := db.ExecContext(ctx, `insert into eventstore.events2 (aggregate_type, event_type, payload)
		values ('system', $1, jsonb_build_object('name', $2::text))`, kind, name)
	return err
}

// cleanUp cancels a step whose latest mark is `started`.
func cleanUp(ctx context.Context, c *config) error {
	db, err := c.openAsUser(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, candidate := range steps(nil) {
		last, err := lastEvent(ctx, db, candidate.name)
		if err != nil {
			return err
		}
		if last == "system.migration.started" {
			slog.Info("cleanup migration", "name", candidate.name)
			return record(ctx, db, "system.migration.failed", candidate.name)
		}
	}
	slog.Info("no migration is stuck")
	return nil
}

func makeSigningKey(ctx context.Context, db *sql.DB, masterkey []byte) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	sealed, err := seal(masterkey, x509.MarshalPKCS1PrivateKey(key))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "insert into projections.signing_key (sealed) values ($1) on conflict do nothing", sealed)
	return err
}
