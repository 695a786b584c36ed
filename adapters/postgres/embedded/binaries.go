package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// MinimumMajor is the oldest major version of PostgreSQL that praxis supports.
const MinimumMajor = 14

// Binaries are the server programs of one PostgreSQL installation.
type Binaries struct {
	// Dir is the absolute directory that holds postgres and initdb.
	Dir string
	// Version is the full version as the server names it, for example "15.18".
	Version string
	// Major is the major version; a data directory belongs to exactly one.
	Major int
}

// Postgres is the path of the server program.
func (b Binaries) Postgres() string { return filepath.Join(b.Dir, "postgres") }

// Initdb is the path of the program that creates a data directory.
func (b Binaries) Initdb() string { return filepath.Join(b.Dir, "initdb") }

// Inspect looks at the directory dir and says which PostgreSQL it holds. It
// runs `postgres --version`, so programs of another platform, or with a
// missing library, are an error here and not later.
func Inspect(dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, fmt.Errorf("locate PostgreSQL programs: %w", err)
	}
	b := Binaries{Dir: dir}
	for _, program := range []string{b.Postgres(), b.Initdb()} {
		if _, err := exec.LookPath(program); err != nil {
			return Binaries{}, fmt.Errorf("inspect PostgreSQL programs: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Postgres(), "--version")
	cmd.Env = childEnv()
	answer, err := output(cmd)
	if err != nil {
		return Binaries{}, fmt.Errorf("run %s --version: %w", b.Postgres(), err)
	}
	b.Version, b.Major, err = ParseVersion(string(answer))
	if err != nil {
		return Binaries{}, fmt.Errorf("inspect %s: %w", b.Postgres(), err)
	}
	return b, nil
}

// versionPattern accepts releases (15.18), betas (18beta2), candidates (18rc1)
// and development builds (19devel), each possibly followed by a packager's note.
var versionPattern = regexp.MustCompile(`^postgres \(PostgreSQL\) (([1-9][0-9]{0,3})(?:\.[0-9]+|beta[0-9]+|rc[0-9]+|devel)?(?:\.[0-9]+)?)(?:\s|$)`)

// ParseVersion reads the answer of `postgres --version` into the version as
// written and its major number.
func ParseVersion(answer string) (version string, major int, err error) {
	m := versionPattern.FindStringSubmatch(answer)
	if m == nil {
		return "", 0, fmt.Errorf("the program does not name a PostgreSQL version")
	}
	major, err = strconv.Atoi(m[2])
	if err != nil {
		return "", 0, fmt.Errorf("read the major version: %w", err)
	}
	return m[1], major, nil
}

// childEnv is the whole environment of every PostgreSQL program we run. The
// caller's is not passed on: PGDATA, PGPORT, a locale or secrets in it must
// neither change the server nor be readable in its process.
func childEnv() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	if path := os.Getenv("PATH"); path != "" {
		env = append(env, "PATH="+path)
	}
	return env
}

// output runs cmd and returns what it answers. An error has the end of what the
// program complained about.
func output(cmd *exec.Cmd) ([]byte, error) {
	answer, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("%w: %s", err, lastLines(exit.Stderr, 4))
	}
	return answer, err
}

// lastLines shortens a program's output to its last n lines for an error.
func lastLines(out []byte, n int) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("; ")))
}
