package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	loginUser      = "login-client"
	defaultPort    = 3000
	requestTimeout = 2 * time.Second // shorter than a probe waits
	tokenLifetime  = time.Hour       // newSystemToken of @zitadel/client
)

// runLogin is the login application: it is ready when the API answers what it asks as its system user.
func runLogin() error {
	port := defaultPort
	if given := os.Getenv("PORT"); given != "" {
		number, err := strconv.Atoi(given)
		if err != nil {
			return fmt.Errorf("PORT: %w", err)
		}
		port = number
	}
	for _, variable := range []string{"ZITADEL_API_URL", "ZITADEL_LOGINCLIENT_KEYFILE", "AUDIENCE"} {
		if os.Getenv(variable) == "" {
			return fmt.Errorf("environment variable %s is not set", variable)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ui/v2/login/healthy", func(answer http.ResponseWriter, _ *http.Request) {
		text(answer, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /ui/v2/login/security", func(answer http.ResponseWriter, _ *http.Request) {
		if err := askAPI(); err != nil {
			text(answer, http.StatusServiceUnavailable, err.Error())
			return
		}
		text(answer, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /ui/v2/login/", page("Login"))
	return serve(port, mux)
}

// askAPI asks what the real application asks at this place (apps/login/src/app/security/route.ts@ea61afa6), with a token
// that it signs for itself: no endpoint gives one to a system user. The key is read each time, so that a Secret that was
// exchanged takes effect without a restart.
func askAPI() error {
	content, err := os.ReadFile(os.Getenv("ZITADEL_LOGINCLIENT_KEYFILE"))
	if err != nil {
		return err
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(content)
	if err != nil {
		return err
	}
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer: loginUser, Subject: loginUser, Audience: jwt.ClaimStrings{os.Getenv("AUDIENCE")},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLifetime)),
	}).SignedString(key)
	if err != nil {
		return err
	}
	address := strings.TrimSuffix(os.Getenv("ZITADEL_API_URL"), "/") + "/v2/settings/security"
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for header := range strings.SplitSeq(os.Getenv("CUSTOM_REQUEST_HEADERS"), ",") {
		name, value, _ := strings.Cut(header, ":")
		if strings.EqualFold(name, "Host") {
			request.Host = value
		} else if name != "" {
			request.Header.Set(name, value)
		}
	}
	client := http.Client{Timeout: requestTimeout}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1024))
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the API refuses the login client: %s %s", answer.Status, body)
	}
	return nil
}
