package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	keyID     = "oidc-signing"
	jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	lifetime  = 12 * time.Hour
)

// tokens issues access tokens to system users and says whether one is good; every pod does so with the same key.
type tokens struct {
	settings *settings
	users    map[string]*rsa.PublicKey
	signing  *rsa.PrivateKey
}

func readSystemUsers(settings *settings) (map[string]*rsa.PublicKey, error) {
	users := map[string]*rsa.PublicKey{}
	for name, user := range settings.SystemAPIUsers {
		content, err := os.ReadFile(user.Path)
		if err == nil {
			users[name], err = jwt.ParseRSAPublicKeyFromPEM(content)
		}
		if err != nil {
			return nil, fmt.Errorf("SystemAPIUsers.%s.Path: %w", name, err)
		}
	}
	return users, nil
}

func (t *tokens) grant(answer http.ResponseWriter, request *http.Request) {
	if request.FormValue("grant_type") != jwtBearer {
		document(answer, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	issuer := t.settings.issuer(hostOf(request))
	claims, err := verify(request.FormValue("assertion"), issuer, func(by string) *rsa.PublicKey { return t.users[by] })
	if err == nil && claims.Subject != claims.Issuer {
		err = errors.New("a system user signs for itself only")
	}
	if err != nil {
		document(answer, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer: issuer, Subject: claims.Subject, Audience: jwt.ClaimStrings{issuer},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
	})
	token.Header["kid"] = thumbprint(&t.signing.PublicKey)
	signed, err := token.SignedString(t.signing)
	if err != nil {
		document(answer, http.StatusInternalServerError, map[string]any{"error": "server_error"})
		return
	}
	document(answer, http.StatusOK, map[string]any{
		"access_token": signed, "token_type": "Bearer", "expires_in": int(lifetime.Seconds()),
	})
}

func (t *tokens) userinfo(answer http.ResponseWriter, request *http.Request) {
	issuer := t.settings.issuer(hostOf(request))
	token := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
	claims, err := verify(token, issuer, func(by string) *rsa.PublicKey {
		if by != issuer {
			return nil
		}
		return &t.signing.PublicKey
	})
	if err != nil {
		document(answer, http.StatusUnauthorized, map[string]any{"error": "access_denied"})
		return
	}
	document(answer, http.StatusOK, map[string]any{"sub": claims.Subject})
}

// verify returns the claims of a token that is for this audience, in time, and signed by its issuer's key.
func verify(token, audience string, keyOf func(issuer string) *rsa.PublicKey) (*jwt.RegisteredClaims, error) {
	claims := &jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) {
		if key := keyOf(claims.Issuer); key != nil {
			return key, nil
		}
		return nil, errors.New("the issuer is unknown")
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(5*time.Second))
	return claims, err
}

func (t *tokens) discovery(answer http.ResponseWriter, request *http.Request) {
	issuer := t.settings.issuer(hostOf(request))
	document(answer, http.StatusOK, map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/oauth/v2/keys", "token_endpoint": issuer + "/oauth/v2/token",
		"userinfo_endpoint": issuer + "/oidc/v1/userinfo", "authorization_endpoint": issuer + "/oauth/v2/authorize",
		"grant_types_supported": []string{jwtBearer}, "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (t *tokens) keys(answer http.ResponseWriter, _ *http.Request) {
	public := &t.signing.PublicKey
	encode := base64.RawURLEncoding.EncodeToString
	document(answer, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": thumbprint(public),
		"n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	}}})
}

func thumbprint(key *rsa.PublicKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(key))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// makeSigningKey stores a key that only the masterkey opens: without it the database is useless, as with the real server.
func makeSigningKey(ctx context.Context, tx pgx.Tx, masterkey []byte) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	seal, err := sealer(masterkey)
	if err != nil {
		return err
	}
	sealed := seal.Seal(nil, nil, x509.MarshalPKCS1PrivateKey(key), nil)
	_, err = tx.Exec(ctx, "INSERT INTO system.encryption_keys VALUES ($1, $2)", keyID, sealed)
	return err
}

func readSigningKey(ctx context.Context, pool *pgxpool.Pool, masterkey []byte) (*rsa.PrivateKey, error) {
	var sealed []byte
	if err := pool.QueryRow(ctx, "SELECT key FROM system.encryption_keys WHERE id = $1", keyID).Scan(&sealed); err != nil {
		return nil, err
	}
	seal, err := sealer(masterkey)
	if err != nil {
		return nil, err
	}
	opened, err := seal.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("the masterkey does not open the keys in the database: %w", err)
	}
	return x509.ParsePKCS1PrivateKey(opened)
}

func sealer(masterkey []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(masterkey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
