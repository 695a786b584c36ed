package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/logbackup"
	"praxis/domain/fault"
)

const eventStoreBackupHelp = `Write a backup of the embedded node's log into a new file, while a server runs on it or
not. The backup is the whole log as of one instant: everything that was acknowledged
before the command began, and nothing by halves. Writing goes on meanwhile.

With --recipient the file is encrypted, so that only who has one of the identities can
read it; it is in the format of age, and age-keygen makes identities. Anybody who has the
file can read one that is not encrypted.

The file gets its name once it is whole and on the disk; killed before, the command may leave
one whose name goes on with .partial-, which can be deleted. praxis eventstore unpack makes a
log of it. An EventStoreDB is backed up with its own tools, PostgreSQL with pg_dump.`

func newEventStoreBackup(s *settings) *cobra.Command {
	var dir string
	var recipients []string
	c := &cobra.Command{
		Use: "backup FILE", Short: "Back the embedded node's log up", Long: eventStoreBackupHelp, Args: exactArgs(1),
		Example: "  praxis eventstore backup log.backup\n  praxis eventstore backup log.backup.age --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) (err error) {
			if dir == "" {
				if cfg.EventStoreURL.IsSet() {
					return fault.New(fault.Invalid, "backup_needs_embedded_log", "EVENTSTOREDB_URL names a server, which is backed up with its own tools. Name the directory of an embedded node with --dir, or copy the server's log into one with praxis eventstore copy.")
				}
				dir = nodeDir(cfg)
			}
			node, target, err := openDirectory(dir, reading)
			if err != nil {
				return err
			}
			if node != nil {
				defer func() { err = errors.Join(err, within(cfg.ShutdownTimeout, node.Close)) }()
			}
			return s.backUp(c, target.Socket, args[0], recipients)
		}),
	}
	c.Flags().StringVar(&dir, "dir", "", "directory of the node (default: events in PRAXIS_DATA_DIR)")
	c.Flags().StringArrayVar(&recipients, "recipient", nil, "public key of an age identity that can read the backup; may be repeated")
	return c
}

// backedUp is what a backup holds, and what was unpacked.
type backedUp struct {
	Path      string `json:"path"`
	Events    int    `json:"events"`
	Encrypted bool   `json:"encrypted"`
	// Next is the command that follows, if one does.
	Next string `json:"next,omitempty"`
}

func (s *settings) backUp(c *cobra.Command, socket, path string, names []string) error {
	recipients, err := logbackup.Recipients(names)
	if err != nil {
		return err
	}
	told := backedUp{Path: path, Encrypted: len(recipients) > 0}
	m := newMeter(c.ErrOrStderr(), "backup")
	err = newFile(path, func(file io.Writer) error {
		w, err := logbackup.NewWriter(file, recipients...)
		if err != nil {
			return err
		}
		err = eventnode.Records(c.Context(), socket, func(record []byte, last uint64) error {
			if told.Events++; told.Events%1000 == 0 || uint64(told.Events) == last {
				m.advance(float64(told.Events)/float64(last), told.Events)
			}
			return w.Add(record)
		})
		if err != nil {
			return err
		}
		return w.Close()
	})
	m.end()
	if err != nil {
		return err
	}
	return answer(s, c, told, func(w io.Writer, b backedUp) {
		fmt.Fprintf(w, "%s holds the log up to event %d%s.\n", b.Path, b.Events, map[bool]string{true: ", encrypted"}[b.Encrypted])
	})
}

// newFile writes a file that only its owner can read, and gives it its name once it is whole
// and on the disk. Fault: "file_exists".
func newFile(path string, write func(io.Writer) error) (err error) {
	exists := fault.New(fault.Invalid, "file_exists", "%s is there already, and is left as it is. Name a new file.", path)
	if _, err := os.Lstat(path); err == nil {
		return exists
	}
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, filepath.Base(path)+".partial-")
	if err != nil {
		return fault.New(fault.Invalid, "directory_unusable", "No file can be made in %s: %v.", dir, err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	switch err := os.Link(file.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return exists
	case err != nil:
		return err
	}
	parent, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}

const eventStoreUnpackHelp = `Make a log of a backup: DIR becomes the directory of an embedded node (PRAXIS_DATA_DIR
looks for it in events). DIR must be empty, or not exist yet. The file is held to its
hash, and the whole log is checked, before it gets its name: there is the whole log or none.
Killed before, the command may leave a file named events.bolt.new-…, which can be deleted.

The log is what it was, position for position. praxis restore looks what that means for
PostgreSQL.`

func newEventStoreUnpack(s *settings) *cobra.Command {
	var identity string
	c := &cobra.Command{
		Use: "unpack FILE DIR", Short: "Make a log of a backup", Long: eventStoreUnpackHelp, Args: exactArgs(2),
		Example: "  praxis eventstore unpack log.backup ./.praxis/events\n  praxis eventstore unpack log.backup.age ./.praxis/events --identity key.txt",
		RunE:    func(c *cobra.Command, args []string) error { return s.unpack(c, args[0], args[1], identity) },
	}
	c.Flags().StringVar(&identity, "identity", "", "file with an age identity that the backup was encrypted to")
	return c
}

func (s *settings) unpack(c *cobra.Command, path, dir, identity string) (err error) {
	if err := isEmpty(dir); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fault.New(fault.NotFound, "backup_unreadable", "The backup cannot be read: %v.", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	backup, err := openBackup(file, identity)
	if err != nil {
		return err
	}
	told := backedUp{Path: dir, Encrypted: identity != "", Next: "praxis restore"}
	m := newMeter(c.ErrOrStderr(), "unpack")
	err = engine.Load(dir, func() ([]byte, error) {
		if err := c.Context().Err(); err != nil {
			return nil, err
		}
		record, err := backup.Next()
		if err == nil {
			if told.Events++; told.Events%1000 == 0 {
				read, _ := file.Seek(0, io.SeekCurrent)
				m.advance(float64(read)/float64(max(info.Size(), 1)), told.Events)
			}
		}
		return record, err
	})
	m.end()
	if _, isNoLog := errors.AsType[*engine.CorruptionError](err); isNoLog {
		return logbackup.ErrDamaged.Because(err)
	}
	if err != nil {
		return err
	}
	return answer(s, c, told, func(w io.Writer, b backedUp) {
		fmt.Fprintf(w, "%s holds the log up to event %d; all of it was checked.\nNext, with the servers stopped and this as their log: %s\n", b.Path, b.Events, b.Next)
	})
}

// openBackup begins to read a backup, with the identity of a file if one is named.
func openBackup(file io.Reader, identity string) (*logbackup.Reader, error) {
	if identity == "" {
		return logbackup.NewReader(file)
	}
	identities, err := logbackup.Identities(identity)
	if err != nil {
		return nil, err
	}
	return logbackup.NewReader(file, identities...)
}
