package e2e_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the praxis that the tests run, built once by TestMain.
var binary string

// buildVersion is what the binary was told that its version is.
const buildVersion = "e2e"

func TestMain(m *testing.M) {
	code, err := build(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// build makes the binary, runs the tests and clears up.
func build(run func() int) (int, error) {
	if err := dependOnSources("../.."); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "praxis-e2e-bin-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "praxis")
	args := []string{"build", "-ldflags", "-X main.version=" + buildVersion, "-o", binary}
	if isRace {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(context.Background(), "go", append(args, "praxis/cmd/praxis")...)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build praxis: %w\n%s", err, out)
	}
	return run(), nil
}

// dependOnSources lists every directory that the binary is built from. The go
// command cannot see that these tests depend on them; what a test has listed,
// however, it checks before it repeats an old result.
func dependOnSources(root string) error {
	for _, dir := range []string{"adapters", "cmd", "commands", "domain", "migrations", "projections"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(_ string, _ fs.DirEntry, err error) error { return err })
		if err != nil {
			return err
		}
	}
	return nil
}
