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
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	keyID     = "oidc-signing"
	jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

	// What the real server's verifier of system users is made with: internal/api/authz/system_token.go@12414b6a.
	maxAge = time.Hour
	leeway = time.Second
)

// tokens knows who may sign a bearer token for itself, and holds the key of OpenID Connect that every pod shares.
type tokens struct {
	settings *settings
	users    map[string]systemUser
	signing  *rsa.PrivateKey
}

type systemUser struct {
	key   *rsa.PublicKey
	roles []string
}

// readers are the roles that may read the instance's policies (`iam.policy.read`): SystemAuthZ.RolePermissionMappings of
// cmd/defaults.yaml@00114481. Who has no membership is SYSTEM_OWNER, who may not.
var readers = []string{"IAM_OWNER", "IAM_OWNER_VIEWER", "IAM_LOGIN_CLIENT"}

func readSystemUsers(settings *settings) (map[string]systemUser, error) {
	users := map[string]systemUser{}
	for name, user := range settings.SystemAPIUsers {
		content, err := os.ReadFile(user.Path)
		if err != nil {
			return nil, fmt.Errorf("SystemAPIUsers.%s.Path: %w", name, err)
		}
		key, err := jwt.ParseRSAPublicKeyFromPEM(content)
		if err != nil {
			return nil, fmt.Errorf("SystemAPIUsers.%s.Path: %w", name, err)
		}
		roles := []string{}
		for _, membership := range user.Memberships {
			if membership.MemberType == "System" {
				roles = append(roles, membership.Roles...)
			}
		}
		users[name] = systemUser{key: key, roles: roles}
	}
	return users, nil
}

// grant gives nobody a token: the token endpoint looks for keys of users in the database
// (internal/api/oidc/token_jwt_profile.go@0204c49a), where system users are not, and the stand-in keeps no others.
func (t *tokens) grant(answer http.ResponseWriter, request *http.Request) {
	failure := "unsupported_grant_type" // RFC 6749, section 5.2
	if request.FormValue("grant_type") == jwtBearer {
		failure = "invalid_grant" // RFC 7523, section 3.1
	}
	document(answer, http.StatusBadRequest, map[string]any{"error": failure})
}

// securitySettings is SettingsService.GetSecuritySettings (settings_service.proto@01fbe60d), the one method behind a
// bearer token that is here: the login application asks it, and so does whoever wants to know whether keys and roles fit.
func (t *tokens) securitySettings(answer http.ResponseWriter, request *http.Request) {
	bearer, given := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	user, err := t.verify(bearer)
	switch {
	case !given || err != nil: // the numbers are gRPC's codes, as its gateway gives them
		document(answer, http.StatusUnauthorized, map[string]any{"code": 16, "message": "Errors.Token.Invalid (AUTH-7fs1e)"})
	case !slices.ContainsFunc(user.roles, func(role string) bool { return slices.Contains(readers, role) }):
		document(answer, http.StatusForbidden, map[string]any{"code": 7, "message": "No matching permissions found (AUTH-5mWD2)"})
	default:
		document(answer, http.StatusOK, map[string]any{"details": map[string]any{}, "settings": map[string]any{}})
	}
}

// verify returns the system user that signed a token for itself, for this installation, within the last hour.
func (t *tokens) verify(token string) (systemUser, error) {
	claims := &jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) {
		if user, known := t.users[claims.Issuer]; known && claims.Subject == claims.Issuer {
			return user.key, nil
		}
		return nil, errors.New("no system user signs for itself")
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(t.settings.issuer(t.settings.ExternalDomain)),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway))
	if err != nil {
		return systemUser{}, err
	}
	if claims.IssuedAt == nil || time.Since(claims.IssuedAt.Time) > maxAge+leeway {
		return systemUser{}, errors.New("the token was issued more than an hour ago, or does not say when")
	}
	return t.users[claims.Issuer], nil
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
