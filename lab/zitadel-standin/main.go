// A stand-in for ZITADEL, for the lab and the tests only: it keeps to the outside of the real server (commands, flags,
// environment, configuration, migration events, probes, shutdown) and has no identities inside. One program has both
// faces, the API server and, as `login`, the login application. Deliberately absent: users, projections, gRPC.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Set by the linker: the release, how long its own migration steps take, whether they fail, and whether its server
// never becomes ready.
var (
	version = "v0.0.0"
	slow    = "0s"
	failing = "false"
	unready = "false"
)

const (
	notice           = "This is a stand-in of the kastellan lab. It is not ZITADEL and keeps no identities."
	shutdownDuration = 5 * time.Second // the real server's own limit for open requests
	usage            = "usage: zitadel init [zitadel] | setup [cleanup] | start | ready | login, with --config FILE"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("standin", version, "pod", podName()))
	if err := run(context.Background(), os.Args[1:]); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	words := 0
	for words < len(arguments) && !strings.HasPrefix(arguments[words], "-") {
		words++
	}
	command := strings.Join(arguments[:words], " ")
	if command == "login" {
		return runLogin()
	}
	settings, err := readSettings(arguments[words:])
	if err != nil {
		return err
	}
	switch command {
	case "init":
		if err := runInitDatabase(ctx, settings); err != nil {
			return err
		}
		return runInitSchemas(ctx, settings)
	case "init zitadel", "init schema":
		return runInitSchemas(ctx, settings)
	case "setup":
		return runSetup(ctx, settings)
	case "setup cleanup":
		return runCleanup(ctx, settings)
	case "start":
		return runStart(ctx, settings)
	case "ready":
		return runReady(settings)
	}
	return fmt.Errorf("unknown command %q; %s", command, usage)
}

func runReady(settings *settings) error {
	answer, err := http.Get("http://" + net.JoinHostPort("localhost", strconv.Itoa(settings.Port)) + "/debug/ready")
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	return nil
}

// serve answers HTTP/1.1 and HTTP/2 without TLS until SIGTERM, which closes the listener at once: readiness does not
// change before, so that whoever still sends requests then is refused.
func serve(port int, pages http.Handler) error {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: marked(pages), Protocols: new(http.Protocols), ReadHeaderTimeout: 10 * time.Second}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("server is listening", "address", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-stopped.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), shutdownDuration)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		server.Close()
		return fmt.Errorf("open requests did not end within %s: %w", shutdownDuration, err)
	}
	slog.Info("server shutdown gracefully")
	return nil
}

// marked says with every answer what answered, and where.
func marked(pages http.Handler) http.Handler {
	pod := podName()
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("X-Kastellan-Standin", version)
		answer.Header().Set("X-Pod", pod)
		pages.ServeHTTP(answer, request)
	})
}

// page shows a title, and that this is no ZITADEL.
func page(title string) http.HandlerFunc {
	return func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(answer, "<!doctype html><title>%s (stand-in %s)</title><h1>%[1]s</h1><p>%[3]s</p><p>%[2]s on %[4]s</p>\n",
			title, version, notice, podName())
	}
}

func text(answer http.ResponseWriter, status int, line string) {
	answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	answer.WriteHeader(status)
	fmt.Fprint(answer, line)
}

func podName() string {
	if name := os.Getenv("HOSTNAME"); name != "" {
		return name
	}
	name, _ := os.Hostname()
	return name
}
