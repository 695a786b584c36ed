// Package page is keyset paging for read models: a page ends where its last row
// stands in the order, so that rows that come and go between two pages neither
// repeat nor hide others. It imports the standard library and fault.
package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"praxis/domain/fault"
)

// Token is a cursor as it travels inside Praxis. It holds sort keys in the clear,
// names among them: the API seals it before it leaves and opens what comes back. It
// is no string and never becomes JSON, so that no answer shows one by mistake.
type Token string

// MarshalText refuses.
func (Token) MarshalText() ([]byte, error) { return nil, errUnsealed }

var errUnsealed = errors.New("page: a cursor must be sealed before it is handed out")

// Cursor is where a page ended: the sort keys of its last row, under the name
// of the order they belong to.
type Cursor struct {
	Order string   `json:"o"`
	Keys  []string `json:"k"`
}

// ErrMalformed says that a cursor is not one that was handed out for this order.
var ErrMalformed = fault.New(fault.Invalid, "malformed_cursor", "The cursor is not one that Praxis returned for this list in this order. Give it with the same filter, order and asOf as the page before, or start again without it.")

// Parse reads a cursor for an order with n keys; an empty token is the first
// page. Fault: "malformed_cursor".
func Parse(token Token, order string, n int) (*Cursor, error) {
	if token == "" {
		return nil, nil
	}
	var c Cursor
	if err := json.Unmarshal([]byte(token), &c); err != nil || c.Order != order || len(c.Keys) != n {
		return nil, ErrMalformed
	}
	for _, key := range c.Keys {
		if strings.ContainsRune(key, 0) { // Postgres takes no NUL in texts.
			return nil, ErrMalformed
		}
	}
	return &c, nil
}

// Token returns the form that Parse reads.
func (c Cursor) Token() (Token, error) {
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false) // names need the room
	if err := encoder.Encode(c); err != nil {
		return "", err
	}
	return Token(bytes.TrimSpace(raw.Bytes())), nil
}
