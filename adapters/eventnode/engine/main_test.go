//go:build unix

package engine_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childVariable names the role a re-executed test binary plays, and childDir
// the data directory it works in.
const (
	childVariable = "EVENT_ENGINE_TEST_CHILD"
	childDir      = "EVENT_ENGINE_TEST_DIR"
)

// TestMain runs the tests, or one of the processes that tests start and kill.
func TestMain(m *testing.M) {
	children := map[string]func(dir string) error{
		"append for ever":           appendForEver,
		"open once":                 openOnce,
		"append until disk is full": appendUntilDiskIsFull,
	}
	child, isChild := children[os.Getenv(childVariable)]
	if !isChild {
		goleak.VerifyTestMain(m)
		return
	}
	if err := child(os.Getenv(childDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
