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
	return destination{Host: "127.0.0.1", Port: address.Port, TLS: server.TLS != nil, HTTP: true}
}

// only is the one way to a destination, by the family of this machine's loopback.
func only(to destination) way {
	return reach(context.Background(), to, []string{"ip4"}).Ways[0]
}

func answering(status int) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(status) })
}

func authority(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestAServerOfTheGivenAuthorityIsReachedAndAsked(t *testing.T) {
	server := httptest.NewTLSServer(answering(http.StatusNotFound))
	defer server.Close()
	to := port(t, server)
	to.CA = authority(server)
	if found := only(to); found.Problem != "" || found.Step != "http" || found.Status != 404 || found.Family != "ip4" {
		t.Fatalf("%+v", found)
	}
	to.HTTP = false
	if found := only(to); found.Problem != "" || found.Step != "tls" || found.Status != 0 {
		t.Fatalf("%+v", found)
	}
}

func TestAnAnswerThatOnlyAProxyGivesIsAProblem(t *testing.T) {
	for _, status := range []int{http.StatusProxyAuthRequired, http.StatusNetworkAuthenticationRequired} {
		server := httptest.NewServer(answering(status))
		if found := only(port(t, server)); found.Step != "http" || !strings.Contains(found.Problem, "only a proxy") {
			t.Fatalf("%+v", found)
		}
		server.Close()
	}
}

func TestAServerThatSpeaksSomethingElseIsNoAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write([]byte("220 relay.example ESMTP\r\n"))
			connection.Close()
		}
	}()
	to := destination{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, HTTP: true}
	if found := only(to); found.Step != "http" || found.Problem == "" {
		t.Fatalf("%+v", found)
	}
	to.HTTP = false
	if found := only(to); found.Step != "tcp" || found.Problem != "" {
		t.Fatalf("%+v", found)
	}
}

func TestEveryFamilyIsTriedByItself(t *testing.T) {
	server := httptest.NewServer(answering(http.StatusOK))
	defer server.Close()
	found := reach(context.Background(), port(t, server), []string{"ip4", "ip6"})
	if four := found.Ways[0]; four.Problem != "" || four.Absent {
		t.Fatalf("%+v", found)
	}
	if six := found.Ways[1]; six.Family != "ip6" || !six.Absent || six.Step != "dns" {
		t.Fatalf("%+v", found)
	}
}

func TestOnlyAddressesThatLeadAnywhereMakeAFamily(t *testing.T) {
	of := func(texts ...string) []net.Addr {
		var found []net.Addr
		for _, text := range texts {
			ip, network, err := net.ParseCIDR(text)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, &net.IPNet{IP: ip, Mask: network.Mask})
		}
		return found
	}
	for want, addresses := range map[string][]net.Addr{
		"":        of("127.0.0.1/8", "::1/128", "fe80::1/64"),
		"ip4":     of("127.0.0.1/8", "10.1.2.3/24", "fe80::1/64"),
		"ip6":     of("fd00::3/64"),
		"ip4 ip6": of("fd00::3/64", "10.1.2.3/24"),
	} {
		if found := strings.Join(families(addresses), " "); found != want {
			t.Fatalf("%q, not %q", found, want)
		}
	}
}

func TestAServerOfAnotherAuthorityIsToldWithItsIssuer(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	found := only(port(t, server))
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
	if found := only(closed); found.Step != "tcp" || found.Problem == "" {
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
	found := bounded(func() (time.Time, error) { return time.Now().Add(-ahead).Truncate(time.Second), nil }, time.Second, samples)
	if found.Problem != "" || found.Low > ahead.Milliseconds() || found.High < ahead.Milliseconds() {
		t.Fatalf("%+v", found)
	}
	if found.High-found.Low > 1100 {
		t.Fatalf("the bounds are too far apart: %+v", found)
	}
}

func TestAClockThatCannotBeReadIsAProblem(t *testing.T) {
	silent := func() (time.Time, error) { return time.Time{}, errors.New("no Date") }
	if found := compared(silent, silent, 0); found.Problem != "no Date" || found.Control != nil {
		t.Fatalf("%+v", found)
	}
}

func TestAClockThatIsSetBackIsSeenAsSuch(t *testing.T) {
	now := func() (time.Time, error) { return time.Now(), nil }
	earlier := func() (time.Time, error) { return time.Now().Add(-setBack), nil }
	found := compared(now, earlier, 0)
	if found.Problem != "" || found.High > 100 || found.Low < -100 {
		t.Fatalf("%+v", found)
	}
	if by := setBack.Milliseconds(); found.Control.Low > by || found.Control.High < by {
		t.Fatalf("%+v", found.Control)
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
