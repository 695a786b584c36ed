package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// BinEnv is the environment variable that names the directory of the server
// programs to use. Where it is set, no other place is tried.
const BinEnv = "PRAXIS_POSTGRES_BIN"

// Search says where to look for server programs, in order.
type Search struct {
	// Explicit is the operator's choice; when set it is the only place tried.
	Explicit string
	// Path is a list of directories in the form of the PATH variable.
	Path string
	// Globs are patterns of directories; of one pattern's matches the highest
	// version comes first.
	Globs []string
}

// DefaultSearch is the search of this machine: BinEnv, then PATH, then the
// places where Debian, Red Hat, SUSE, Alpine, Homebrew and Postgres.app
// install, then what Obtain put into the cache.
func DefaultSearch() Search {
	s := Search{
		Explicit: os.Getenv(BinEnv),
		Path:     os.Getenv("PATH"),
		Globs: []string{
			"/usr/lib/postgresql/*/bin",
			"/usr/pgsql-*/bin",
			"/usr/lib/postgresql*/bin",
			"/usr/libexec/postgresql*",
			"/opt/homebrew/opt/postgresql@*/bin",
			"/usr/local/opt/postgresql@*/bin",
			"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
	}
	if cache, err := CacheDir(); err == nil {
		s.Globs = append(s.Globs, filepath.Join(cache, "*", "bin"))
	}
	return s
}

// Find returns the first usable server programs of DefaultSearch, or a
// *NotFoundError.
func Find() (Binaries, error) { return DefaultSearch().Find() }

// Find returns the first usable server programs of the search, or a
// *NotFoundError. An unusable Explicit directory is an error of its own: what
// the operator asked for is never silently replaced.
func (s Search) Find() (Binaries, error) { return s.FindMajor(0) }

// FindMajor is Find restricted to one major version, the one an existing data
// directory belongs to; 0 means any.
func (s Search) FindMajor(major int) (Binaries, error) {
	if s.Explicit != "" {
		b, err := Inspect(s.Explicit)
		if err != nil {
			return Binaries{}, fmt.Errorf("%s does not name a directory with PostgreSQL's postgres and initdb: %w", BinEnv, err)
		}
		if b.Major < MinimumMajor {
			return Binaries{}, fmt.Errorf("%s names PostgreSQL %s; praxis needs %d or newer", BinEnv, b.Version, MinimumMajor)
		}
		return b, nil
	}
	missing := &NotFoundError{Major: major, Install: InstallCommand()}
	for _, dir := range s.dirs() {
		b, err := Inspect(dir)
		switch {
		case err != nil:
			missing.Rejected = append(missing.Rejected, err.Error())
		case b.Major < MinimumMajor, major != 0 && b.Major != major:
			missing.Rejected = append(missing.Rejected, fmt.Sprintf("%s is PostgreSQL %s", b.Dir, b.Version))
		default:
			return b, nil
		}
	}
	return Binaries{}, missing
}

// dirs lists the existing directories of the search that hold a program called
// postgres, each once, in order.
func (s Search) dirs() []string {
	candidates := filepath.SplitList(s.Path)
	for _, pattern := range s.Globs {
		// The only error of Glob is a malformed pattern, which matches nothing.
		matches, _ := filepath.Glob(pattern)
		slices.SortStableFunc(matches, func(a, b string) int { return slices.Compare(numbersIn(b), numbersIn(a)) })
		candidates = append(candidates, matches...)
	}
	var dirs []string
	for _, dir := range candidates {
		postgres := filepath.Join(dir, "postgres")
		if info, err := os.Stat(postgres); err != nil || info.IsDir() || !filepath.IsAbs(dir) {
			continue
		}
		// A link in PATH leads to the installation it belongs to, where the
		// sibling programs and the share directory of the same version are.
		// A wrapper script is no link; its directory is taken as it stands.
		if target, err := filepath.EvalSymlinks(postgres); err == nil && filepath.Base(target) == "postgres" {
			dir = filepath.Dir(target)
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

var numberPattern = regexp.MustCompile(`[0-9]+`)

// numbersIn are the numbers in a path, by which its version is compared: 9 comes
// before 15, and 18.2 before 18.10.
func numbersIn(path string) (numbers []int) {
	for _, digits := range numberPattern.FindAllString(path, -1) {
		// Only digits; a number too large to parse counts as the largest.
		n, _ := strconv.Atoi(digits)
		numbers = append(numbers, n)
	}
	return numbers
}
