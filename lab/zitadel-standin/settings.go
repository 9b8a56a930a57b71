package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.yaml.in/yaml/v3"
)

// settings are the keys of the configuration file that matter from outside, by the real server's names, and the flags.
type settings struct {
	ExternalDomain string `yaml:"ExternalDomain"`
	ExternalPort   int    `yaml:"ExternalPort"`
	ExternalSecure bool   `yaml:"ExternalSecure"`
	Port           int    `yaml:"Port"`
	TLS            struct {
		Enabled bool `yaml:"Enabled"`
	} `yaml:"TLS"`
	Database struct {
		Postgres struct {
			Host             string        `yaml:"Host"`
			Port             int           `yaml:"Port"`
			Database         string        `yaml:"Database"`
			MaxOpenConns     int32         `yaml:"MaxOpenConns"`
			AwaitInitialConn time.Duration `yaml:"AwaitInitialConn"`
			User             role          `yaml:"User"`
			Admin            role          `yaml:"Admin"`
		} `yaml:"postgres"`
	} `yaml:"Database"`
	SystemAPIUsers map[string]struct {
		Path        string `yaml:"Path"`
		Memberships []struct {
			MemberType string   `yaml:"MemberType"`
			Roles      []string `yaml:"Roles"`
		} `yaml:"Memberships"`
	} `yaml:"SystemAPIUsers"`

	masterkey func() ([]byte, error)
}

type role struct {
	Username         string `yaml:"Username"`
	Password         string `yaml:"Password"`
	ExistingDatabase string `yaml:"ExistingDatabase"`
	SSL              struct {
		Mode     string `yaml:"Mode"`
		RootCert string `yaml:"RootCert"`
		Cert     string `yaml:"Cert"`
		Key      string `yaml:"Key"`
	} `yaml:"SSL"`
}

type repeated []string

func (r *repeated) String() string         { return strings.Join(*r, ",") }
func (r *repeated) Set(value string) error { *r = append(*r, value); return nil }

func readSettings(arguments []string) (*settings, error) {
	flags := flag.NewFlagSet("zitadel", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var configs, steps repeated
	flags.Var(&configs, "config", "")
	flags.Var(&steps, "steps", "")
	flags.Bool("init-projections", false, "")
	fromEnv := flags.Bool("masterkeyFromEnv", false, "")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q; %s", flags.Arg(0), usage)
	}
	read := &settings{ExternalPort: 8080, ExternalSecure: true, Port: 8080} // the real server's defaults
	read.TLS.Enabled = true
	read.Database.Postgres.MaxOpenConns = 10
	for _, path := range append(configs, steps...) {
		content, err := os.ReadFile(path)
		if err == nil {
			err = yaml.Unmarshal(content, read)
		}
		if err != nil {
			return nil, fmt.Errorf("unable to read config file %s: %w", path, err)
		}
	}
	for variable, target := range map[string]*string{
		"ZITADEL_DATABASE_POSTGRES_USER_PASSWORD":  &read.Database.Postgres.User.Password,
		"ZITADEL_DATABASE_POSTGRES_ADMIN_PASSWORD": &read.Database.Postgres.Admin.Password,
	} {
		if value, given := os.LookupEnv(variable); given {
			*target = value
		}
	}
	read.masterkey = func() ([]byte, error) { return masterkey(*fromEnv) }
	return read, nil
}

func masterkey(fromEnv bool) ([]byte, error) {
	found := []byte(os.Getenv("ZITADEL_MASTERKEY"))
	if !fromEnv || len(found) == 0 {
		return nil, errors.New("masterkey must either be provided by file path, value or environment variable")
	}
	if len(found) != 32 {
		return nil, fmt.Errorf("masterkey must be 32 bytes, but is %d", len(found))
	}
	return found, nil
}

// issuer is the address that every issued URL and token carries.
func (s *settings) issuer(host string) string {
	scheme, usual := "http", 80
	if s.ExternalSecure {
		scheme, usual = "https", 443
	}
	if s.ExternalPort != usual {
		host = net.JoinHostPort(host, strconv.Itoa(s.ExternalPort))
	}
	return scheme + "://" + host
}

// connect opens a pool and waits for the first connection as long as `AwaitInitialConn` allows.
func (s *settings) connect(ctx context.Context, as role, database string) (*pgxpool.Pool, error) {
	postgres, mode := s.Database.Postgres, as.SSL.Mode
	if mode == "" {
		mode = "disable"
	}
	query := url.Values{"sslmode": {mode}, "application_name": {"zitadel"}, "connect_timeout": {"5"}}
	for name, path := range map[string]string{"sslrootcert": as.SSL.RootCert, "sslcert": as.SSL.Cert, "sslkey": as.SSL.Key} {
		if path != "" {
			query.Set(name, path)
		}
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword(as.Username, as.Password), Path: "/" + database,
		Host: net.JoinHostPort(postgres.Host, strconv.Itoa(postgres.Port)), RawQuery: query.Encode(),
	}
	config, err := pgxpool.ParseConfig(address.String())
	if err != nil {
		return nil, err
	}
	config.MaxConns = max(1, postgres.MaxOpenConns)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(postgres.AwaitInitialConn); ; time.Sleep(time.Second) {
		if err = pool.Ping(ctx); err == nil {
			return pool, nil
		}
		if time.Now().After(deadline) {
			pool.Close()
			return nil, fmt.Errorf("the database cannot be reached: %w", err)
		}
		slog.Warn("waiting for the database", "error", err.Error())
	}
}

func (s *settings) connectUser(ctx context.Context) (*pgxpool.Pool, error) {
	return s.connect(ctx, s.Database.Postgres.User, s.Database.Postgres.Database)
}
