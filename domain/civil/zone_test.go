package civil_test

import (
	"archive/zip"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

var update = flag.Bool("update", false, "write zones.txt from the database of this release of Go")

// A machine has files beside the database's that mean something else elsewhere, and
// may be told to look for zones in a directory of its own.
func TestFoundB11_AZoneIsANameOfTheDatabase(t *testing.T) {
	for _, name := range []civil.Zone{
		"localtime", "posixrules", "right/UTC", "right/Europe/Berlin", "posix/Europe/Berlin", "Factory", "tzdata.zi", "America", "Europe/", "UTC\n",
		"america/new_york", "Mars/Olympus", "Europe/../UTC", "./UTC",
	} {
		loc, err := name.Load()
		require.Nil(t, loc, "%q", name)
		require.Equal(t, "zone_unknown", fault.From(err).Code, "%q", name)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%q", name)
	}
	for _, name := range []civil.Zone{"America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Eastern", "Asia/Calcutta", "EST5EDT", "UTC", "GMT"} {
		loc, err := name.Load()
		require.NoError(t, err, "%q", name)
		require.Equal(t, string(name), loc.String())
		again, err := name.Load()
		require.NoError(t, err)
		require.Same(t, loc, again, "read once")
	}
}

// The names are those of the database that this release of Go puts into the binary.
func TestFoundB11_TheNamesAreThoseInTheBinary(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	database, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer func() { require.NoError(t, database.Close()) }()
	var names []string
	for _, f := range database.File {
		// Factory stands for a machine whose zone nobody has set.
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if *update {
		require.NoError(t, os.WriteFile("zones.txt", []byte(strings.Join(names, "\n")+"\n"), 0o600))
	}
	list, err := os.ReadFile("zones.txt")
	require.NoError(t, err)
	require.Equal(t, names, strings.Fields(string(list)), "go test ./domain/civil -update writes them")
	for _, name := range names {
		_, err := civil.Zone(name).Load()
		require.NoError(t, err, name)
	}
}
