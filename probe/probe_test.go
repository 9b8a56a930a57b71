package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func port(t *testing.T, server *httptest.Server) destination {
	t.Helper()
	address := server.Listener.Addr().(*net.TCPAddr)
	return destination{Host: "127.0.0.1", Port: address.Port, TLS: server.TLS != nil}
}

func authority(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestAServerOfTheGivenAuthorityIsReached(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	to := port(t, server)
	to.CA = authority(server)
	if found := reach(context.Background(), to); found.Problem != "" || found.Step != "tls" {
		t.Fatalf("%+v", found)
	}
}

func TestAServerOfAnotherAuthorityIsToldWithItsIssuer(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	found := reach(context.Background(), port(t, server))
	if !strings.Contains(found.Problem, "unknown authority") || !strings.Contains(found.Issuer, "Acme Co") {
		t.Fatalf("%+v", found)
	}
}

func TestAServerOfAnotherNameIsNotVerified(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	state, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	roots, err := authorities(authority(server))
	if err != nil {
		t.Fatal(err)
	}
	if verify(state.ConnectionState().PeerCertificates, roots, "elsewhere.invalid") == nil {
		t.Fatal("it was verified for a name that it does not have")
	}
}

func TestAClosedPortEndsAtTheStepOfTheConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := destination{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
	listener.Close()
	if found := reach(context.Background(), closed); found.Step != "tcp" || found.Problem == "" {
		t.Fatalf("%+v", found)
	}
}

func TestADatabaseThatDoesNotAnswerIsAProblemAndNoCrash(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	found := measure(context.Background(), database{Host: "127.0.0.1", Port: 1, Name: "x", User: "x", CA: authority(server)})
	if found.Problem == "" || found.Refused {
		t.Fatalf("%+v", found)
	}
}

func TestSkewIsBoundedFromBothSides(t *testing.T) {
	ahead := 90 * time.Second
	found := bounded(func() (time.Time, error) { return time.Now().Add(-ahead).Truncate(time.Second), nil }, time.Second)
	if found.Problem != "" || found.Low > ahead.Milliseconds() || found.High < ahead.Milliseconds() {
		t.Fatalf("%+v", found)
	}
	if found.High-found.Low > 1100 {
		t.Fatalf("the bounds are too far apart: %+v", found)
	}
}

func TestAClockThatCannotBeReadIsAProblem(t *testing.T) {
	if found := bounded(func() (time.Time, error) { return time.Time{}, errors.New("no Date") }, 0); found.Problem != "no Date" {
		t.Fatalf("%+v", found)
	}
}

func TestPercentilesAreOfMeasuredTimes(t *testing.T) {
	var spent []time.Duration
	for i := range 200 {
		spent = append(spent, time.Duration(200-i)*time.Microsecond)
	}
	if found := *ranked(spent); found != (percentiles{P50: 100, P95: 190, P99: 198}) {
		t.Fatalf("%+v", found)
	}
	if found := *ranked(spent[:1]); found.P50 != found.P99 {
		t.Fatalf("%+v", found)
	}
}

func TestWatchTellsReachableAndNot(t *testing.T) {
	t.Setenv("KASTELLAN_PROBE_RUN", "this")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	for _, reachable := range []bool{true, false} {
		var out bytes.Buffer
		if err := watch(address, 1, time.Second, &out); err != nil {
			t.Fatal(err)
		}
		var found attempt
		if err := json.Unmarshal(out.Bytes(), &found); err != nil || found != (attempt{Run: "this", Reachable: reachable}) {
			t.Fatalf("%+v %v", found, err)
		}
		listener.Close()
	}
}

func TestAVolumeIsWrittenAndRead(t *testing.T) {
	if err := hold(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if hold("/nowhere/at/all") == nil {
		t.Fatal("a folder that does not exist holds nothing")
	}
}
