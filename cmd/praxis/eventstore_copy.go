package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/adapters/logcopy"
	"praxis/domain/catalog"
	"praxis/domain/fault"
)

const eventStoreCopyHelp = `Copy the log of Praxis from one event store into another: every event of Praxis, in
the order of the log, with its id, revision, type, bytes and instant of recording.

FROM and TO are each one of
  a path                       the directory of an embedded node (PRAXIS_DATA_DIR/events)
  esdb://… esdb+discover://…   the connection string of a server
  env:NAME                     the environment variable that holds one; for one with a
                               password, which everybody on the machine could see on
                               the command line

A server may run on FROM. What it writes meanwhile is copied, too; stop it and run the
command again for the last of it. Nothing may write to TO.

Broken off, however that was, run it again: what TO holds is compared instead of
doubled. TO is refused if it holds anything else in the streams of Praxis. At the end
every event of both logs has been compared, and the hash of all of them is printed.

A copy is the same log (it has the same id), but its positions may differ, and read
models keep positions: with the servers stopped, make TO the event store, and run
praxis restore, which says what has to be filled again.`

func newEventStoreCopy(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "copy FROM TO", Short: "Copy the log into another event store", Long: eventStoreCopyHelp, Args: exactArgs(2),
		Example: "  praxis eventstore copy ./.praxis/events env:EVENTSTOREDB_URL\n  praxis eventstore copy 'esdb://127.0.0.1:2113?tls=false' /srv/praxis/events",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) error {
			return s.withLog(cfg, args[0], reading, func(from openLog) error {
				return s.withLog(cfg, args[1], writing, func(to openLog) error { return s.copyLog(c, from, to) })
			})
		}),
	}
}

// copied is what a copy came to, for programs.
type copied struct {
	logcopy.Report
	// Beside says that a server runs on FROM.
	Beside bool `json:"serverRuns"`
	// Next is the command that follows.
	Next string `json:"next"`
}

func (s *settings) copyLog(c *cobra.Command, from, to openLog) error {
	var m *meter
	phase := logcopy.Phase("")
	copier := logcopy.Copier{From: from.store, To: to.store, Categories: catalog.Stored(), Progress: func(p logcopy.Phase, events int, fraction float64) {
		if p != phase {
			if m != nil {
				m.end()
			}
			m, phase = newMeter(c.ErrOrStderr(), string(p)), p
		}
		if events%1000 == 0 || fraction >= 1 {
			m.advance(fraction, events)
		}
	}}
	report, err := copier.Run(c.Context())
	if m != nil {
		m.end()
	}
	if err != nil {
		return err
	}
	return answer(s, c, copied{report, from.beside, "praxis restore"}, printCopied)
}

func printCopied(w io.Writer, r copied) {
	fmt.Fprintf(w, "Copied %d events; %d were there already. All %d were compared in both logs.\nsha256 %s\n", r.Copied, r.Events-r.Copied, r.Events, r.Hash)
	switch {
	case !r.Level:
		fmt.Fprintln(w, "FROM is written to faster than it can be followed: TO is behind. Stop the servers and run this command again.")
		return
	case r.Meanwhile > 0:
		fmt.Fprintf(w, "FROM was written to meanwhile (%d events). Stop the servers and run this command again.\n", r.Meanwhile)
		return
	case r.Beside:
		fmt.Fprintln(w, "A server runs on FROM, and what it writes from now on is not in TO. Stop it and run this command again.")
		return
	}
	fmt.Fprintln(w, "Next, with the servers stopped and TO as the event store: praxis restore")
}

// openLog is an event store that a command works with.
type openLog struct {
	store logcopy.Store
	// beside says that another process serves the log.
	beside bool
}

// use is what a command does with a log.
type use int

const (
	reading use = iota
	writing
)

// withLog opens the log that an argument names, and closes it again.
func (s *settings) withLog(cfg config.Config, name string, how use, do func(openLog) error) (err error) {
	variable, isVariable := strings.CutPrefix(name, "env:")
	if isVariable {
		if name = s.variable(variable); name == "" {
			return fault.New(fault.Invalid, "event_store_not_named", "The environment variable %s names no event store.", variable)
		}
	}
	target := eventstore.Config{URL: name}
	var node *eventnode.Node
	isDirectory := !strings.Contains(name, "://")
	if isDirectory {
		if node, target, err = openDirectory(name, how); err != nil {
			return err
		}
	}
	if node != nil {
		defer func() { err = errors.Join(err, within(cfg.ShutdownTimeout, node.Close)) }()
	}
	store, err := eventstore.Open(target)
	if err != nil {
		return err
	}
	defer store.Close()
	if node != nil {
		return do(openLog{store: logcopy.Node{Store: store, Node: node}})
	}
	return do(openLog{store: store, beside: isDirectory})
}

// variable returns an environment variable.
func (s *settings) variable(name string) (value string) {
	for _, entry := range s.environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}

// openDirectory opens a node on a directory with a log. Where another process has it, node
// is nil and target leads to that process. Faults: "no_log", "data_in_use",
// "server_starting".
func openDirectory(dir string, how use) (node *eventnode.Node, target eventstore.Config, err error) {
	if err := holdsLog(dir, how); err != nil {
		return nil, target, err
	}
	node, err = eventnode.Open(eventnode.Config{Dir: dir})
	_, isLocked := errors.AsType[*engine.LockedError](err)
	switch {
	case err == nil:
		return node, eventstore.Config{Socket: node.Address()}, nil
	case !isLocked:
		return nil, target, fmt.Errorf("event log in %s: %w", dir, err)
	case how == writing:
		return nil, target, fault.New(fault.Unavailable, "data_in_use", "A server runs on the log in %s. Stop it first, or name another directory.", dir).Because(err)
	}
	socket, err := servedSocket(dir)
	return nil, eventstore.Config{Socket: socket}, err
}

// servedSocket returns the socket of the process that serves the log of a directory.
// Fault: "server_starting".
func servedSocket(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	// A server on a data directory with a long path has its socket elsewhere.
	if e, err := runningServer(filepath.Dir(dir)); err == nil && e.StoreSocket != "" && filepath.Base(dir) == "events" {
		return e.StoreSocket, nil
	}
	socket := filepath.Join(dir, "run", "node.sock")
	if _, err := os.Stat(socket); err != nil {
		return "", errStarting.Because(err)
	}
	return "unix:" + socket, nil
}

// holdsLog refuses a directory that is not that of a log. One that is to be written may be
// empty, or not be there yet.
func holdsLog(dir string, how use) error {
	if _, err := os.Stat(filepath.Join(dir, engine.FileName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	inside := filepath.Join(dir, "events")
	if _, err := os.Stat(filepath.Join(inside, engine.FileName)); err == nil {
		return fault.New(fault.NotFound, "no_log", "There is no log in %s itself, which is a data directory of Praxis. Name %s.", dir, inside)
	}
	if how == reading {
		return fault.New(fault.NotFound, "no_log", "There is no log of an embedded node in %s. Name the directory that holds %s.", dir, engine.FileName)
	}
	return isEmpty(dir)
}

// isEmpty refuses a directory that holds anything. It need not be there yet. Fault:
// "directory_not_empty".
func isEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		// A node that was killed when it made its log may leave this.
		if !strings.HasPrefix(e.Name(), engine.FileName+".new-") {
			return fault.New(fault.Invalid, "directory_not_empty", "%s holds other files. Name an empty directory, or one that does not exist yet.", dir)
		}
	}
	return err
}
