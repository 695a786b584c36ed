// Package cursors seals the cursors of pages before they leave Praxis. A cursor
// holds the sort keys of a page's last row, a patient's name among them, and stands
// in URLs, which proxies log. It imports pgx and the adapter of Postgres.
package cursors

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/postgres"
)

// Sealer seals and opens cursors with AES-256-GCM. Its key is made once for a
// database and shared by all servers on it. It is safe for concurrent use.
type Sealer struct {
	Pool *pgxpool.Pool

	mu   sync.Mutex
	aead cipher.AEAD
}

// Seal returns a cursor that only Open can read, and only for the same bound: the
// query that it belongs to.
func (s *Sealer) Seal(ctx context.Context, bound, cursor string) (string, error) {
	aead, err := s.cipher(ctx)
	if err != nil {
		return "", err
	}
	sealed := aead.Seal(nil, nil, []byte(cursor), []byte(bound)) //nolint:gosec // G407: this AEAD makes a random nonce itself and takes none.
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open returns what was sealed; ok is false for anything that Seal did not return
// for this bound. The error says that the key could not be read.
func (s *Sealer) Open(ctx context.Context, bound, sealed string) (cursor string, ok bool, err error) {
	aead, err := s.cipher(ctx)
	if err != nil {
		return "", false, err
	}
	raw, notEncoded := base64.RawURLEncoding.DecodeString(sealed)
	opened, notSealed := aead.Open(nil, nil, raw, []byte(bound))
	return string(opened), notEncoded == nil && notSealed == nil, nil
}

// cipher reads the key on its first use, and makes it on the database's.
func (s *Sealer) cipher(ctx context.Context) (cipher.AEAD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aead != nil {
		return s.aead, nil
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // It never fails.
	if _, err := s.Pool.Exec(ctx, `insert into praxis.cursor_key (key) values ($1) on conflict do nothing`, key); err != nil {
		return nil, postgres.Scrubbed("make the key of cursors", err)
	}
	if err := s.Pool.QueryRow(ctx, `select key from praxis.cursor_key`).Scan(&key); err != nil {
		return nil, postgres.Scrubbed("read the key of cursors", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of cursors: %w", err)
	}
	if s.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("key of cursors: %w", err)
	}
	return s.aead, nil
}
