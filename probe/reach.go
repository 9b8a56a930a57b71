package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	_ "golang.org/x/crypto/x509roots/fallback" // the image has no roots of its own
)

// destination is a server that pods have to reach.
type destination struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	TLS  bool   `json:"tls"`
	HTTP bool   `json:"http"`
	CA   string `json:"ca"`
}

// reached says how far each way went; there is one for every address family that this pod has.
type reached struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	Ways []way  `json:"ways"`
}

// way is what became of a destination by one address family: dns, tcp, tls, http; the first step that does not hold is
// the last. Absent says that the name has no address of this family.
type way struct {
	Family  string `json:"family"`
	Step    string `json:"step"`
	Problem string `json:"problem"`
	Absent  bool   `json:"absent"`
	Issuer  string `json:"issuer"`
	Status  int    `json:"status"`
}

const patience = 5 * time.Second

// families of this pod, as `ip4` and `ip6`, by the addresses of its interfaces that lead anywhere.
func families(addresses []net.Addr) []string {
	var four, six bool
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || !network.IP.IsGlobalUnicast() {
			continue
		}
		if network.IP.To4() != nil {
			four = true
		} else {
			six = true
		}
	}
	var found []string
	if four {
		found = append(found, "ip4")
	}
	if six {
		found = append(found, "ip6")
	}
	return found
}

// reach tries every family by itself, so that one that does not work is not hidden by another that does.
func reach(ctx context.Context, to destination, families []string) reached {
	found := reached{Host: to.Host, Port: to.Port, Ways: make([]way, len(families))}
	var all sync.WaitGroup
	for i, family := range families {
		all.Go(func() { found.Ways[i] = try(ctx, to, family) })
	}
	all.Wait()
	return found
}

// try goes on until a step does not hold. Where the chain does not verify, whoever signed it is told: behind a proxy
// that intercepts, that is the proxy.
func try(ctx context.Context, to destination, family string) way {
	found := way{Family: family, Step: "dns"}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := net.DefaultResolver.LookupNetIP(limited, family, to.Host); err != nil {
		var name *net.DNSError
		var literal *net.AddrError // an address of the other family
		found.Absent = errors.As(err, &literal) || errors.As(err, &name) && name.IsNotFound
		found.Problem = text(err)
		return found
	}
	found.Step = "tcp"
	dialer := net.Dialer{Timeout: patience}
	connection, err := dialer.DialContext(ctx, "tcp"+family[2:], address(to))
	if err != nil {
		found.Problem = text(err)
		return found
	}
	defer connection.Close()
	if to.TLS {
		found.Step = "tls"
		if connection, found.Issuer, err = secured(ctx, to, connection); err != nil {
			found.Problem = text(err)
			return found
		}
	}
	if to.HTTP {
		found.Step = "http"
		found.Status, err = asked(to, connection)
		found.Problem = text(err)
	}
	return found
}

func secured(ctx context.Context, to destination, connection net.Conn) (net.Conn, string, error) {
	roots, err := x509.SystemCertPool()
	if to.CA != "" {
		roots, err = authorities(to.CA)
	}
	if err != nil {
		return nil, "", err
	}
	secured := tls.Client(connection, &tls.Config{
		ServerName: to.Host,
		MinVersion: tls.VersionTLS12,
		// Verified below, by the same rules, so that the issuer can be told where it fails.
		InsecureSkipVerify: true,
	})
	_ = secured.SetDeadline(time.Now().Add(patience))
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, "", err
	}
	chain := secured.ConnectionState().PeerCertificates
	return secured, chain[0].Issuer.String(), verify(chain, roots, to.Host)
}

// asked is the status of the answer to GET /: any is a server's, but for two that only come from what stands between.
func asked(to destination, connection net.Conn) (int, error) {
	_ = connection.SetDeadline(time.Now().Add(patience))
	request, err := http.NewRequest(http.MethodGet, "http://"+address(to)+"/", nil)
	if err != nil {
		return 0, err
	}
	if to.Port == 443 || to.Port == 80 {
		request.Host = to.Host // as a browser writes it
	}
	request.Close = true
	request.Header.Set("User-Agent", "kastellan-probe")
	if err := request.Write(connection); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), request)
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusProxyAuthRequired, http.StatusNetworkAuthenticationRequired: // RFC 9110, 15.5.8; RFC 6585, 6
		return answer.StatusCode, fmt.Errorf("answered with %s, which only a proxy does", answer.Status)
	}
	return answer.StatusCode, nil
}

func address(to destination) string { return net.JoinHostPort(to.Host, strconv.Itoa(to.Port)) }

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
