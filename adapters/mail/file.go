package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FileSender writes each mail as a file <id>.eml into a directory: the embedded
// default, for machines without a mail server. Sending a mail again replaces the
// file by the same bytes, so files are sent exactly once.
type FileSender struct {
	// Dir is the directory; it is made when missing.
	Dir string
	// From is the sender's address.
	From string
}

// Send implements Sender. The file is there whole and on disk, or not at all.
func (s FileSender) Send(_ context.Context, m Message) error {
	msg, err := compose(s.From, m)
	if err != nil {
		return &SendError{Code: "mail_malformed", Final: true}
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return &SendError{Code: "mail_directory_unusable"}
	}
	write := func(f *os.File) error { _, err := msg.WriteTo(f); return err }
	if err := writeWhole(filepath.Join(s.Dir, m.ID.String()+".eml"), write); err != nil {
		return &SendError{Code: "mail_file_unwritable"}
	}
	return nil
}

// writeWhole writes a file under a temporary name, brings it to disk and renames
// it. What an attempt left behind that was killed is removed first: it holds an
// address.
func writeWhole(path string, write func(f *os.File) error) (err error) {
	dir, temporary := filepath.Dir(path), "."+filepath.Base(path)+"-"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), temporary) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	f, err := os.CreateTemp(dir, temporary+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
