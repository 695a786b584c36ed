package devissuer

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"
)

// maxBodyBytes bounds a token request; it holds one subject.
const maxBodyBytes = 4 << 10

// serveToken signs in as the person named by "subject", in a form or in JSON,
// and answers as RFC 6749 §5 does, or with a page to a client that asks for
// HTML.
func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	subject, err := readSubject(w, r)
	if err != nil {
		refuse(w, "invalid_request", "Send the subject of a listed person as a form or as JSON.")
		return
	}
	person, token, err := i.signIn(subject)
	switch {
	case errors.Is(err, ErrPersonUnknown):
		refuse(w, "invalid_grant", ErrPersonUnknown.Message)
	case err != nil:
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		writePage(w, pageData{Path: i.path, Person: person, Token: token, Life: tokenLife.String(), APIURL: i.config.APIURL})
	default:
		writeJSON(w, http.StatusOK, map[string]any{
			"access_token": token,
			"token_type":   "Bearer",
			"expires_in":   int64(tokenLife.Seconds()),
		})
	}
}

// readSubject reads the one parameter of a token request.
func readSubject(w http.ResponseWriter, r *http.Request) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	switch mediaType {
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return "", err
		}
		return r.PostForm.Get("subject"), nil
	case "application/json":
		var body struct {
			Subject string `json:"subject"`
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		return body.Subject, err
	}
	return "", errors.New("unsupported media type")
}

// refuse answers with an error of RFC 6749 §5.2.
func refuse(w http.ResponseWriter, code, description string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}
