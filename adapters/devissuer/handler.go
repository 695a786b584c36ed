package devissuer

import (
	"encoding/json"
	"net/http"

	"praxis/adapters/loopback"
)

// Handler serves the issuer below Path: the page of people at its root, the
// discovery document, the public keys and the token endpoint.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+i.path+"/{$}", i.servePeople)
	mux.HandleFunc("GET "+i.path+"/.well-known/openid-configuration", i.serveDiscovery)
	mux.HandleFunc("GET "+i.path+"/jwks", i.serveKeys)
	mux.HandleFunc("POST "+i.path+"/token", i.serveToken)
	return loopbackOnly(http.NewCrossOriginProtection().Handler(mux))
}

// loopbackOnly refuses every request that may come from, or was addressed to,
// anything but this machine.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Behind a proxy every peer is loopback.
		isProxied := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Via") != ""
		// A page of evil.example whose name was rebound to 127.0.0.1 still sends its own Host.
		if isProxied || !loopback.Authority(r.RemoteAddr) || !loopback.Authority(r.Host) {
			http.Error(w, "The development issuer answers on this machine only, under a loopback name such as 127.0.0.1.", http.StatusForbidden)
			return
		}
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Pragma", "no-cache")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func (i *Issuer) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                i.config.Issuer,
		"jwks_uri":                              i.config.URL + "/jwks",
		"token_endpoint":                        i.config.URL + "/token",
		"response_types_supported":              []string{},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"},
		"claims_supported":                      []string{"iss", "sub", "aud", "exp", "nbf", "iat", "auth_time", "jti", "name", "email", "email_verified"},
		"praxis_notice":                         "development only: signs in without a password",
	})
}

func (i *Issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, i.keys)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A failed write means that the peer has gone and cannot be answered.
	_ = json.NewEncoder(w).Encode(body)
}
