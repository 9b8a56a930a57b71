package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const pingTimeout = 2 * time.Second // shorter than a probe waits

func runStart(ctx context.Context, settings *settings) error {
	key, err := settings.masterkey()
	if err != nil {
		return err
	}
	if settings.TLS.Enabled {
		return errors.New("the stand-in serves no TLS: set TLS.Enabled to false")
	}
	users, err := readSystemUsers(settings)
	if err != nil {
		return err
	}
	pool, err := settings.connectUser(ctx)
	if err != nil {
		return err
	}
	if err := verifySchema(ctx, pool, settings); err != nil {
		return err
	}
	signing, err := readSigningKey(ctx, pool, key)
	if err != nil {
		return err
	}
	// As in the real server, a changed domain takes effect when `setup` has recorded it.
	rows, err := pool.Query(ctx, "SELECT domain FROM projections.instance_domains")
	if err != nil {
		return err
	}
	domains, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	tokens := &tokens{settings: settings, users: users, signing: signing}
	return serve(settings.Port, pages(pool, domains, tokens))
}

func pages(pool *pgxpool.Pool, domains []string, tokens *tokens) http.Handler {
	var requests atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/healthz", func(answer http.ResponseWriter, _ *http.Request) {
		text(answer, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /debug/ready", func(answer http.ResponseWriter, request *http.Request) {
		limited, cancel := context.WithTimeout(request.Context(), pingTimeout)
		defer cancel()
		if err := pool.Ping(limited); err != nil || unready == "true" {
			text(answer, http.StatusPreconditionFailed, "DB CONNECTION ERROR")
			return
		}
		text(answer, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /debug/metrics", func(answer http.ResponseWriter, _ *http.Request) {
		text(answer, http.StatusOK, fmt.Sprintf("# TYPE standin_requests_total counter\nstandin_requests_total %d\n", requests.Load()))
	})
	mux.HandleFunc("GET /.well-known/openid-configuration", tokens.discovery)
	mux.HandleFunc("GET /oauth/v2/keys", tokens.keys)
	mux.HandleFunc("POST /oauth/v2/token", tokens.grant)
	mux.HandleFunc("GET /v2/settings/security", tokens.securitySettings)
	mux.HandleFunc("POST /grpc.health.v1.Health/Check", grpcHealth)
	mux.HandleFunc("GET /ui/console", page("Console"))
	mux.Handle("GET /ui/login/login", http.RedirectHandler("/ui/v2/login/", http.StatusFound))
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		requests.Add(1)
		// The instance is found by the host; what is under /debug belongs to none (`zitadel ready` asks localhost).
		if !strings.HasPrefix(request.URL.Path, "/debug/") && !slices.Contains(domains, hostOf(request)) {
			text(answer, http.StatusNotFound, "no instance has this host name")
			return
		}
		mux.ServeHTTP(answer, request)
	})
}

// hostOf is the host by which the instance is found: these headers go before the request's own host, as in the real server
// (internal/api/http/middleware/origin_interceptor.go, cmd/defaults.yaml@00114481: InstanceHostHeaders).
func hostOf(request *http.Request) string {
	named := request.Host
	for _, header := range []string{"X-Forwarded-Host", "X-Zitadel-Instance-Host"} {
		if value := request.Header.Get(header); value != "" {
			named = value
		}
	}
	if host, _, err := net.SplitHostPort(named); err == nil {
		return host
	}
	return named
}

func document(answer http.ResponseWriter, status int, content map[string]any) {
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(status)
	_ = json.NewEncoder(answer).Encode(content) // the client may have gone
}
