package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"time"

	_ "golang.org/x/crypto/x509roots/fallback" // the image has no roots of its own
)

// destination is a server that pods have to reach.
type destination struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	TLS  bool   `json:"tls"`
	CA   string `json:"ca"`
}

// reached says how far it went; a step that was not tried is empty.
type reached struct {
	Host    string `json:"host"`
	Port    int    `json:"port"`
	Step    string `json:"step"`
	Problem string `json:"problem"`
	Issuer  string `json:"issuer"`
}

const patience = 5 * time.Second

// reach goes on until a step does not hold: dns, tcp, tls. Where the chain does not verify, whoever signed it is told:
// behind a proxy that intercepts, that is the proxy.
func reach(ctx context.Context, to destination) reached {
	found := reached{Host: to.Host, Port: to.Port, Step: "dns"}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(limited, to.Host); err != nil {
		found.Problem = text(err)
		return found
	}
	found.Step = "tcp"
	dialer := net.Dialer{Timeout: patience}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(to.Host, strconv.Itoa(to.Port)))
	if err != nil {
		found.Problem = text(err)
		return found
	}
	defer connection.Close()
	if !to.TLS {
		return found
	}
	found.Step = "tls"
	roots, err := x509.SystemCertPool()
	if to.CA != "" {
		roots, err = authorities(to.CA)
	}
	if err != nil {
		found.Problem = text(err)
		return found
	}
	secured := tls.Client(connection, &tls.Config{
		ServerName: to.Host,
		MinVersion: tls.VersionTLS12,
		// Verified below, by the same rules, so that the issuer can be told where it fails.
		InsecureSkipVerify: true,
	})
	_ = secured.SetDeadline(time.Now().Add(patience))
	if err := secured.HandshakeContext(ctx); err != nil {
		found.Problem = text(err)
		return found
	}
	chain := secured.ConnectionState().PeerCertificates
	found.Issuer = chain[0].Issuer.String()
	found.Problem = text(verify(chain, roots, to.Host))
	return found
}

func verify(chain []*x509.Certificate, roots *x509.CertPool, host string) error {
	between := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		between.AddCert(certificate)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: between})
	return err
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func authorities(pem string) (*x509.CertPool, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(pem)) {
		return nil, errors.New("the authority given is no certificate")
	}
	return roots, nil
}
