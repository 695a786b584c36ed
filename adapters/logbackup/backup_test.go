package logbackup_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"praxis/adapters/logbackup"
	"praxis/domain/fault"
)

var records = [][]byte{[]byte("first"), bytes.Repeat([]byte("second "), 20_000), {0}, []byte("last")}

// written returns a backup of the records.
func written(t testing.TB, recipients ...age.Recipient) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := logbackup.NewWriter(&file, recipients...)
	require.NoError(t, err)
	for _, r := range records {
		require.NoError(t, w.Add(r))
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

// read returns the records of a backup, once all of it was read.
func read(file []byte, identities ...age.Identity) (all [][]byte, err error) {
	r, err := logbackup.NewReader(bytes.NewReader(file), identities...)
	for err == nil {
		var record []byte
		if record, err = r.Next(); err == nil {
			all = append(all, record)
		}
	}
	if errors.Is(err, io.EOF) {
		return all, nil
	}
	return nil, err
}

func newIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return i
}

func TestBackup(t *testing.T) {
	plain := written(t)
	got, err := read(plain)
	require.NoError(t, err)
	require.Equal(t, records, got)
	require.Equal(t, plain, written(t), "the same log is the same file")

	one, two, other := newIdentity(t), newIdentity(t), newIdentity(t)
	recipients, err := logbackup.Recipients([]string{one.Recipient().String(), two.Recipient().String()})
	require.NoError(t, err)
	sealed := written(t, recipients...)
	for _, i := range []*age.X25519Identity{one, two} {
		got, err := read(sealed, i)
		require.NoError(t, err)
		require.Equal(t, records, got)
	}
	_, err = read(sealed, other)
	require.Equal(t, "backup_identity_wrong", fault.From(err).Code)
	_, err = read(sealed)
	require.Equal(t, "backup_encrypted", fault.From(err).Code)
	_, err = read(plain, one)
	require.Equal(t, "backup_not_encrypted", fault.From(err).Code)

	opened, err := age.Decrypt(bytes.NewReader(sealed), two)
	require.NoError(t, err)
	inside, err := io.ReadAll(opened)
	require.NoError(t, err)
	require.Equal(t, plain, inside, "age itself opens it")
}

// A file that ends anywhere else, has any bit changed, or goes on, is refused.
func TestBackup_RefusesWhatIsNotWhole(t *testing.T) {
	identity := newIdentity(t)
	for name, tt := range map[string]struct {
		file       []byte
		identities []age.Identity
	}{
		"plain":     {written(t), nil},
		"encrypted": {written(t, identity.Recipient()), []age.Identity{identity}},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range tt.file {
				_, err := read(tt.file[:n], tt.identities...)
				require.Error(t, err, "cut off after %d bytes", n)
				for _, bit := range []byte{1, 0x80} {
					altered := bytes.Clone(tt.file)
					altered[n] ^= bit
					_, err = read(altered, tt.identities...)
					require.Error(t, err, "byte %d", n)
					require.Contains(t, []string{"backup_damaged", "backup_identity_wrong", "backup_not_encrypted"}, fault.From(err).Code)
				}
			}
			_, err := read(append(bytes.Clone(tt.file), 0), tt.identities...)
			require.Equal(t, "backup_damaged", fault.From(err).Code)
		})
	}
}

func TestRecipients_RefusesWhatIsNone(t *testing.T) {
	secret := newIdentity(t).String()
	for _, name := range []string{"", "age1", "somebody", secret, "ssh-ed25519 AAAA"} {
		_, err := logbackup.Recipients([]string{name})
		require.Equal(t, "recipient_malformed", fault.From(err).Code)
		require.NotContains(t, err.Error(), secret)
	}
}

func TestIdentities(t *testing.T) {
	identity := newIdentity(t)
	path := filepath.Join(t.TempDir(), "key.txt")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("# created: today\n# public key: " + identity.Recipient().String() + "\n" + identity.String() + "\n")
	got, err := logbackup.Identities(path)
	require.NoError(t, err)
	require.Equal(t, []age.Identity{identity}, got)

	write(strings.ToLower(identity.String()))
	_, err = logbackup.Identities(path)
	require.Equal(t, "identity_unreadable", fault.From(err).Code)
	require.NotContains(t, strings.ToUpper(err.Error()), identity.String())
	_, err = logbackup.Identities(path + ".none")
	require.Equal(t, "identity_unreadable", fault.From(err).Code)
}
