package devissuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

const pemType = "PRIVATE KEY"

// loadOrCreateKey returns the key of the file, which it makes when missing.
func loadOrCreateKey(file string) (jose.JSONWebKey, error) {
	private, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKey(file); err != nil {
			return jose.JSONWebKey{}, err
		}
		// Reading back also settles a race: the process that linked first has made the key
		// of both.
		private, err = readKey(file)
	}
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("name the key: %w", err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return key, nil
}

// readKey reads a key file that nobody else may read.
func readKey(file string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, errors.New("others may read it; make it yours alone (chmod 600) or remove it to get a new one")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil || block.Type != pemType {
		return nil, errUnreadable
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errUnreadable
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errUnreadable
	}
	return private, nil
}

var errUnreadable = errors.New("it holds no P-256 private key in PEM; remove it to get a new one (older tokens end with it)")

// createKey writes a new key.
func createKey(file string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return CreateOnce(file, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
}

// CreateOnce writes a file that only its owner may read, unless it is there: under a
// temporary name that is linked into place, so that the file is never seen half-written
// and never replaced.
func CreateOnce(file string, content []byte) (err error) {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// os.CreateTemp makes the file with mode 0600.
	temporary, err := os.CreateTemp(dir, filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temporary.Name())) }()
	_, err = temporary.Write(content)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Link(temporary.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
