package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	apiAuthority = "/etc/kastellan/api/ca.crt"
	samples      = 5
	pause        = 150 * time.Millisecond
)

// setBack is by how much the control's clock is behind: far beyond any limit, so that it can only be seen as wrong.
const setBack = time.Hour

// skew says by how much this node's clock is ahead: between Low and High milliseconds. Control is the same comparison
// with the same clock, set back: ahead of that, this node has to be by so much more.
type skew struct {
	Low     int64  `json:"lowMs"`
	High    int64  `json:"highMs"`
	Problem string `json:"problem"`
	Control *skew  `json:"control,omitempty"`
}

// apiSkew compares with the Date of the API server's answers. Any answer has one, also the refusal that an unknown
// client gets, so no credential is needed; TLS is verified with the authority that every namespace has.
func apiSkew(ctx context.Context) *skew {
	content, err := os.ReadFile(apiAuthority)
	if err != nil {
		return &skew{Problem: err.Error()}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	address := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	date := func() (time.Time, error) { return dateOf(ctx, client, "https://"+address+"/version") }
	// An API server sets no clock back when it is asked to, so its answer is.
	earlier := func() (time.Time, error) {
		other, err := date()
		return other.Add(-setBack), err
	}
	return compared(date, earlier, time.Second)
}

func dateOf(ctx context.Context, client *http.Client, url string) (time.Time, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return time.Time{}, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	answer.Body.Close()
	date := answer.Header.Get("Date")
	if date == "" {
		return time.Time{}, errors.New("the answer has no Date")
	}
	return http.ParseTime(date)
}

// compared reads the other clock, and then the same clock set back: whoever does not see that sees nothing.
func compared(read, earlier func() (time.Time, error), step time.Duration) *skew {
	found := bounded(read, step, samples)
	if found.Problem == "" {
		found.Control = bounded(earlier, step, 1)
	}
	return found
}

// bounded narrows the skew by several samples: each says that the other clock, read between asking and answering, was at
// least what it said and less than one step of it more.
func bounded(read func() (time.Time, error), step time.Duration, count int) *skew {
	found := skew{Low: -1 << 62, High: 1 << 62}
	for i := range count {
		if i > 0 {
			time.Sleep(pause)
		}
		before := time.Now()
		other, err := read()
		after := time.Now()
		if err != nil {
			return &skew{Problem: err.Error()}
		}
		found.Low = max(found.Low, before.Sub(other.Add(step)).Milliseconds())
		found.High = min(found.High, after.Sub(other).Milliseconds())
	}
	return &found
}
