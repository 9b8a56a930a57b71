package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"go.yaml.in/yaml/v3"
)

type login struct {
	Username string `yaml:"Username"`
	SSL      struct {
		Mode     string `yaml:"Mode"`
		RootCert string `yaml:"RootCert"`
	} `yaml:"SSL"`
}

type config struct {
	ExternalDomain string `yaml:"ExternalDomain"`
	ExternalPort   int    `yaml:"ExternalPort"`
	ExternalSecure bool   `yaml:"ExternalSecure"`
	Port           int    `yaml:"Port"`
	Database       struct {
		Postgres struct {
			Host             string        `yaml:"Host"`
			Port             int           `yaml:"Port"`
			Database         string        `yaml:"Database"`
			MaxOpenConns     int           `yaml:"MaxOpenConns"`
			AwaitInitialConn time.Duration `yaml:"AwaitInitialConn"`
			User             login         `yaml:"User"`
			Admin            login         `yaml:"Admin"`
		} `yaml:"postgres"`
	} `yaml:"Database"`
	SystemAPIUsers map[string]struct {
		Path string `yaml:"Path"`
	} `yaml:"SystemAPIUsers"`
}

func readConfig(file string) (*config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("unable to read config file: %w", err)
	}
	read := &config{ExternalPort: 8080, Port: 8080}
	if err := yaml.Unmarshal(text, read); err != nil {
		return nil, fmt.Errorf("unable to parse config file: %w", err)
	}
	return read, nil
}

func readMasterkey(fromEnv bool) ([]byte, error) {
	key := os.Getenv("ZITADEL_MASTERKEY")
	if !fromEnv || key == "" {
		return nil, fmt.Errorf("masterkey must either be provided by file path, value or environment variable")
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("masterkey must be 32 bytes, but is %d", len(key))
	}
	return []byte(key), nil
}

// origin is the issuer: the port is left out where it is the scheme's own.
func (c *config) origin() string {
	scheme, usual := "http", 80
	if c.ExternalSecure {
		scheme, usual = "https", 443
	}
	if c.ExternalPort == usual {
		return fmt.Sprintf("%s://%s", scheme, c.ExternalDomain)
	}
	return fmt.Sprintf("%s://%s:%d", scheme, c.ExternalDomain, c.ExternalPort)
}

func (c *config) open(as login, password, database string) (*sql.DB, error) {
	pg := c.Database.Postgres
	parsed, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname=%s user=%s sslmode=%s sslrootcert=%s connect_timeout=5",
		pg.Host, pg.Port, database, as.Username, as.SSL.Mode, as.SSL.RootCert))
	if err != nil {
		return nil, err
	}
	parsed.Password = password
	db := stdlib.OpenDB(*parsed)
	db.SetMaxOpenConns(max(pg.MaxOpenConns, 1))
	return db, nil
}

// openAsUser connects as ZITADEL's own role and waits for the database as long as the configuration allows.
func (c *config) openAsUser(ctx context.Context) (*sql.DB, error) {
	db, err := c.open(c.Database.Postgres.User, os.Getenv("ZITADEL_DATABASE_POSTGRES_USER_PASSWORD"), c.Database.Postgres.Database)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(c.Database.Postgres.AwaitInitialConn)
	for {
		if err = db.PingContext(ctx); err == nil {
			return db, nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return nil, fmt.Errorf("unable to connect to the database: %w", err)
		}
		slog.Warn("waiting for the database", "error", err.Error())
		time.Sleep(time.Second)
	}
}
