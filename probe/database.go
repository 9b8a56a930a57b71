package main

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	reads  = 200
	writes = 50
	// The control of the stopwatch: the server holds this query for 50 ms, so whoever measures less measures something else.
	held = "select pg_sleep(0.05)"
	// A transactional message is written to the log and flushed like any commit, and leaves nothing behind.
	write = "select pg_logical_emit_message(true, 'kastellan-preflight', 'x')"
)

// database is how ZITADEL's role reaches its database; the password is in the environment.
type database struct {
	Host string `json:"host"`
	Port uint16 `json:"port"`
	Name string `json:"name"`
	User string `json:"user"`
	CA   string `json:"ca"`
}

// measured is what one connection saw.
type measured struct {
	Problem      string       `json:"problem"`
	Refused      bool         `json:"refused"`
	Clock        *skew        `json:"clock"`
	Held         *int64       `json:"heldUs"`
	Reads        *percentiles `json:"reads"`
	Writes       *percentiles `json:"writes"`
	WriteProblem string       `json:"writeProblem"`
}

// percentiles are in microseconds.
type percentiles struct {
	P50 int64 `json:"p50Us"`
	P95 int64 `json:"p95Us"`
	P99 int64 `json:"p99Us"`
}

func measure(ctx context.Context, to database) *measured {
	connection, err := connect(ctx, to)
	if err != nil {
		var answered *pgconn.PgError
		return &measured{Problem: cause(err), Refused: errors.As(err, &answered)}
	}
	defer connection.Close(ctx)
	found := &measured{}
	read := func(query string) func() (time.Time, error) {
		return func() (other time.Time, err error) {
			err = connection.QueryRow(ctx, query).Scan(&other)
			return other, err
		}
	}
	found.Clock = compared(read("select clock_timestamp()"), read("select clock_timestamp() - interval '1 hour'"), 0)
	if found.Reads, err = timed(ctx, connection, "select 1", reads); err != nil {
		found.Problem = cause(err)
		return found
	}
	if slow, err := timed(ctx, connection, held, 1); err == nil {
		found.Held = &slow.P50
	}
	if found.Writes, err = timed(ctx, connection, write, writes); err != nil {
		found.WriteProblem = cause(err)
	}
	return found
}

// connect verifies in full, as the installation will.
func connect(ctx context.Context, to database) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig("connect_timeout=10 application_name=kastellan-probe")
	if err != nil {
		return nil, err
	}
	roots, err := authorities(to.CA)
	if err != nil {
		return nil, err
	}
	config.Host, config.Port, config.Database, config.User = to.Host, to.Port, to.Name, to.User
	config.Password = os.Getenv("KASTELLAN_DATABASE_PASSWORD")
	// Made here and whole: without a host in its text the driver would mean a local socket, without any TLS.
	config.TLSConfig = &tls.Config{ServerName: to.Host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	config.Fallbacks = nil
	return pgx.ConnectConfig(ctx, config)
}

func timed(ctx context.Context, connection *pgx.Conn, query string, count int) (*percentiles, error) {
	spent := make([]time.Duration, 0, count)
	for range count {
		began := time.Now()
		if _, err := connection.Exec(ctx, query); err != nil {
			return nil, err
		}
		spent = append(spent, time.Since(began))
	}
	return ranked(spent), nil
}

// ranked takes the nearest rank, so that every figure is one that was measured.
func ranked(spent []time.Duration) *percentiles {
	slices.Sort(spent)
	at := func(share float64) int64 {
		rank := int(math.Ceil(share * float64(len(spent))))
		return spent[max(rank, 1)-1].Microseconds()
	}
	return &percentiles{P50: at(0.50), P95: at(0.95), P99: at(0.99)}
}

// cause leaves out what the driver adds about the connection: user and host are known, and nothing secret may slip in.
func cause(err error) string {
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		return answered.Message
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
