package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"praxis/domain/fault"
)

// endpoints are where the embedded parts of a running server can be reached, so
// that a second command on the same data works beside it instead of failing.
type endpoints struct {
	StoreSocket string `json:"storeSocket,omitempty"`
	Database    string `json:"database,omitempty"`
	// URL is where the server answers, and Audience what tokens of its development
	// issuer are for, empty where it trusts another issuer.
	URL      string `json:"url,omitempty"`
	Audience string `json:"audience,omitempty"`
}

// The files in the data directory: the process that runs the embedded parts
// holds the lock as long as it lives, whatever way it ends, and writes the
// endpoints once everything is up.
const (
	lockFile      = "server.lock"
	endpointsFile = "server.json"
)

var (
	errDataInUse = fault.New(fault.Unavailable, "data_in_use", "Another praxis already runs on this data directory. Stop it first, or set PRAXIS_DATA_DIR to another directory.")
	errStarting  = fault.New(fault.Unavailable, "server_starting", "Another praxis is just starting or stopping on this data directory. Try again in a moment.")
)

// lockData makes this process the one that runs the embedded parts of the data
// directory. The returned function gives that up. Fault: "data_in_use".
func lockData(dir string) (release func(context.Context) error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(errDataInUse, file.Close())
	}
	// What a killed predecessor left behind is not true any more.
	if err := removeEndpoints(dir); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func(context.Context) error { return errors.Join(removeEndpoints(dir), file.Close()) }, nil
}

func removeEndpoints(dir string) error {
	if err := os.Remove(filepath.Join(dir, endpointsFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("endpoints: %w", err)
	}
	return nil
}

// readEndpoints returns the endpoints of the process that holds the lock.
// Fault: "server_starting".
func readEndpoints(dir string) (endpoints, error) {
	var e endpoints
	raw, err := os.ReadFile(filepath.Join(dir, endpointsFile))
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		return endpoints{}, errStarting.Because(err)
	}
	return e, nil
}

// runningServer returns the endpoints of the server of a data directory, none
// where there is none. It is for what no lock is needed for.
func runningServer(dir string) (endpoints, error) {
	e, err := readEndpoints(dir)
	if errors.Is(err, os.ErrNotExist) {
		return endpoints{}, nil
	}
	return e, err
}

// writeState makes known what a file of the data directory holds, atomically.
func writeState(path string, state any) error {
	raw, err := json.MarshalIndent(state, "", "  ")
	if err == nil {
		err = os.WriteFile(path+".new", raw, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
