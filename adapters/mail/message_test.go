package mail_test

import (
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ours "praxis/adapters/mail"
	"praxis/domain/id"
)

var noon = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)

const from = "Praxis <no-reply@praxis.example.com>"

func letter(name string) ours.Message {
	return ours.Message{
		ID: id.Derive[ours.ID](name), To: "ada@example.org", Subject: "Einladung für Ada",
		Text: "Sie sind eingeladen.\n.\nBis bald – Ihre Praxis\n", At: noon,
	}
}

func TestFileSender_WritesWhatMailProgramsRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	sender := ours.FileSender{Dir: dir, From: from}
	m := letter("one")
	require.NoError(t, sender.Send(t.Context(), m))
	path := filepath.Join(dir, m.ID.String()+".eml")
	first, err := os.ReadFile(path)
	require.NoError(t, err)

	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	read, err := mail.ReadMessage(f)
	require.NoError(t, err)
	require.Equal(t, "<"+m.ID.String()+"@praxis.example.com>", read.Header.Get("Message-ID"))
	require.Equal(t, "<ada@example.org>", read.Header.Get("To"))
	require.Equal(t, "Fri, 10 Apr 2026 12:00:00 +0000", read.Header.Get("Date"))
	require.Equal(t, "=?UTF-8?q?Einladung_f=C3=BCr_Ada?=", read.Header.Get("Subject"))
	require.Equal(t, "auto-generated", read.Header.Get("Auto-Submitted"))
	body, err := io.ReadAll(read.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "Sie sind eingeladen.")

	t.Run("sending it again replaces it by the same bytes", func(t *testing.T) {
		require.NoError(t, sender.Send(t.Context(), m))
		again, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "and leaves nothing else behind")
	})
	t.Run("what an attempt left behind that was killed is removed", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "."+m.ID.String()+".eml-123"), []byte("To: <ada@exa"), 0o600))
		require.NoError(t, sender.Send(t.Context(), m))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	})
	t.Run("others of the machine cannot read it", func(t *testing.T) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		info, err = os.Stat(dir)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	})
	t.Run("a directory that cannot be made is tried again", func(t *testing.T) {
		failed := sendError(t, ours.FileSender{Dir: filepath.Join(path, "below"), From: from}.Send(t.Context(), m))
		require.Equal(t, ours.SendError{Code: "mail_directory_unusable"}, failed)
	})
}

func sendError(t testing.TB, err error) ours.SendError {
	t.Helper()
	var failed *ours.SendError
	require.ErrorAs(t, err, &failed)
	return *failed
}

func TestMessages_ThatCannotBeSentAreRefusedBeforehand(t *testing.T) {
	for name, spoil := range map[string]func(*ours.Message){
		"no id":                   func(m *ours.Message) { m.ID = ours.ID{} },
		"no address":              func(m *ours.Message) { m.To = "" },
		"a name with the address": func(m *ours.Message) { m.To = "Ada <ada@example.org>" },
		"two addresses":           func(m *ours.Message) { m.To = "ada@example.org, bob@example.org" },
		"a header in the address": func(m *ours.Message) { m.To = "ada@example.org\r\nBcc: eve@example.org" },
		"no subject":              func(m *ours.Message) { m.Subject = "" },
		"a header in the subject": func(m *ours.Message) { m.Subject = "Hello\r\nBcc: eve@example.org" },
		"no text":                 func(m *ours.Message) { m.Text = "" },
	} {
		t.Run(name, func(t *testing.T) {
			m := letter("bad")
			spoil(&m)
			dir := t.TempDir()
			failed := sendError(t, ours.FileSender{Dir: dir, From: from}.Send(t.Context(), m))
			require.Equal(t, ours.SendError{Code: "mail_malformed", Final: true}, failed)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, entries)
		})
	}
}

func FuzzFileSender(f *testing.F) {
	f.Add("ada@example.org", "Hello", "Text")
	f.Add("ada@example.org\r\nBcc: eve@example.org", "Hello", "Text")
	f.Add("ada@example.org", "Hello\nBcc: eve@example.org", "\r\n.\r\n")
	f.Add("\"a b\"@example.org", "=?utf-8?q?=0A?=", "\x00")
	f.Fuzz(func(t *testing.T, to, subject, text string) {
		m := ours.Message{ID: id.Derive[ours.ID]("fuzz"), To: to, Subject: subject, Text: text, At: noon}
		dir := t.TempDir()
		if (ours.FileSender{Dir: dir, From: from}).Send(t.Context(), m) != nil {
			return
		}
		file, err := os.Open(filepath.Join(dir, m.ID.String()+".eml"))
		require.NoError(t, err)
		defer func() { require.NoError(t, file.Close()) }()
		read, err := mail.ReadMessage(file)
		require.NoError(t, err)
		require.Empty(t, read.Header.Get("Bcc"), "nothing becomes a header")
		addresses, err := read.Header.AddressList("To")
		require.NoError(t, err)
		require.Len(t, addresses, 1)
		require.Equal(t, to, addresses[0].Address)
	})
}
