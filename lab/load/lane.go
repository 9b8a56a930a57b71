package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"syscall"
	"time"
)

// Who keeps HTTP/2 connections has to ask whether the other end is still there, as gRPC's clients do where they are told
// to and as kastellan's edge does. Without that, Go leaves a connection to a pod that lost its power only behind 250
// requests that nobody answered.
const (
	pingAfter = 4 * time.Second
	pingWait  = 2 * time.Second
)

// lane is one kind of request that comes again and again.
type lane struct {
	Name     string
	Protocol string // http1, h2c (HTTP/2 without TLS), h2 (over TLS)
	Fresh    bool   // a connection of its own for each request
	URL      string
	Host     string // Host header, and server name of TLS
	Method   string
	Body     string
	Headers  map[string]string
	Expect   int    // status
	GRPC     bool   // the answer counts only with `grpc-status: 0` in its trailers
	CA       string // file of the authority, with TLS

	timeout   time.Duration
	transport *http.Transport
}

func (l *lane) open(timeout time.Duration) error {
	protocols := new(http.Protocols)
	switch l.Protocol {
	case "http1":
		protocols.SetHTTP1(true)
	case "h2c":
		protocols.SetUnencryptedHTTP2(true)
	case "h2":
		protocols.SetHTTP2(true)
	default:
		return fmt.Errorf("unknown protocol %q", l.Protocol)
	}
	l.timeout = timeout
	l.transport = &http.Transport{
		Protocols:           protocols,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingWait},
		TLSClientConfig:     &tls.Config{ServerName: l.Host, MinVersion: tls.VersionTLS12},
	}
	if l.CA != "" {
		content, err := os.ReadFile(l.CA)
		if err != nil {
			return err
		}
		l.transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !l.transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(content) {
			return errors.New("its CA file has no certificate")
		}
	}
	return nil
}

// ask sends one request that should have left at an instant, and says what became of it.
func (l *lane) ask(at time.Time) line {
	transport := l.transport
	if l.Fresh {
		transport = l.transport.Clone()
		defer transport.CloseIdleConnections()
	}
	connections := 0
	ctx, cancel := context.WithDeadline(context.Background(), at.Add(l.timeout))
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }})
	pod, err := l.roundTrip(ctx, transport)
	took := time.Since(at)
	// Go sends a request again when the kept connection it was written to had just been closed, which HTTP allows
	// (RFC 9110, section 9.2.2): not a failure, and not hidden.
	return line{at: at, took: took, lane: l.Name, outcome: outcome(err), pod: pod, resent: max(connections-1, 0)}
}

func (l *lane) roundTrip(ctx context.Context, transport *http.Transport) (pod string, err error) {
	request, err := http.NewRequestWithContext(ctx, l.Method, l.URL, bytes.NewReader([]byte(l.Body)))
	if err != nil {
		return "", err
	}
	if l.Body == "" {
		request.Body, request.GetBody, request.ContentLength = http.NoBody, nil, 0
	}
	request.Host = l.Host
	for name, value := range l.Headers {
		request.Header.Set(name, value)
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	pod = answer.Header.Get("X-Pod")
	if _, err = io.Copy(io.Discard, answer.Body); err != nil {
		return pod, err
	}
	if answer.StatusCode != l.Expect {
		return pod, fmt.Errorf("status %d", answer.StatusCode)
	}
	if status := answer.Trailer.Get("Grpc-Status"); l.GRPC && status != "0" {
		return pod, fmt.Errorf("grpc-status %q", status)
	}
	return pod, nil
}

// outcome names a failure by its kind: messages hold addresses, and would be as many as requests.
func outcome(err error) string {
	var network net.Error
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "cut"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
