package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	processes "praxis/commands/process"
	"praxis/internal/likeserver"
)

// copyLog keeps or puts back the log of a stopped installation.
func copyLog(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(to))
	out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// The log of a stopped installation is replaced by an older copy of it: the server says
// so, is not ready, and changes nothing. With the right log it is well again.
func TestFoundW1_AServerSaysThatItsLogWasSetBack(t *testing.T) {
	i := newInstallation(t)
	events, backup, latest := filepath.Join(i.dir, "events"), filepath.Join(i.dir, "backup"), filepath.Join(i.dir, "latest")
	p := i.serve(t)
	practice := i.found(t)
	i.stop(t, p)
	copyLog(t, events, backup)
	p = i.serve(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	i.stop(t, p)

	copyLog(t, events, latest)
	copyLog(t, backup, events)
	p = i.start(t, "serve")
	await(t, func() bool { return strings.Contains(p.stderr.String(), `"msg":"serving"`) }, "the server does not start")
	r := i.awaitReadiness(t, func(r readiness) bool { return len(r.Unavailable) == 1 && r.Parts["log_identity"] != "" })
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Contains(t, r.Parts["log_identity"], "log_set_back: The event log ends before what was read from it: it was set back to an older copy. Concerned: read models ")
	for range 2 {
		var refused *refusalError
		require.ErrorAs(t, owner.send(t.Context(), http.MethodPost, practice.path("/charts"), nil, practice.newChart("Doe", "carla"), nil), &refused)
		require.Equal(t, "log_set_back", refused.Code)
	}
	for _, what := range []string{"projections", "processes"} {
		require.Contains(t, i.run(t, what, "status").stderr, "(log_set_back)")
	}
	i.stop(t, p)

	copyLog(t, latest, events)
	p = i.serve(t)
	owner.get(t, practice.path("/charts/%s", chart.ID), "", &object{})
	i.stop(t, p)
}

// page runs the lines of docs/howto/restore.md below a heading, as they stand; which says
// which of its blocks.
func (i *installation) page(t *testing.T, backup, heading string, which int) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/howto/restore.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "```sh\n")[1:]
	lines, _, _ := strings.Cut(blocks[which], "```")
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", lines)
	cmd.Env = i.environ("BACKUP="+backup, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", lines, out)
	return string(out)
}

// fits holds a stopped installation to its log: the read models are those that the log
// makes.
func (i *installation) fits(t *testing.T) {
	t.Helper()
	t.Run("the rows are those of the log", func(t *testing.T) {
		live, address := i.openDatabase(t)
		folded := fold(t, live, address, i.openLog(t))
		_, err := checkReadModels(t, live, folded)
		require.NoError(t, err)
		folded.Close()
		_, err = live.Exec(t.Context(), "drop database fold_of_the_log")
		require.NoError(t, err)
	})
	i.awaitNoPostgres(t)
}

// awaitTimers waits until a process has seen the log and has so many timers: as many as
// the log sets, whatever it had before.
func (i *installation) awaitTimers(t *testing.T, name string, n int64) {
	t.Helper()
	await(t, func() bool {
		for _, s := range parse[[]processes.Status](t, i.succeed(t, "processes", "status", "--json")) {
			if s.Name == name {
				return s.CaughtUp && s.Timers == n
			}
		}
		return false
	}, "the process never has as many timers as the log sets")
}

// keeper keeps the log of an installation as a backup, and puts it back.
type keeper struct {
	// keep is called while the server is stopped, and keepRunning while it runs; one of them
	// does it.
	keep, keepRunning, putBack func(t *testing.T, backup string)
}

// ownLog keeps the log of the embedded node by the lines of the page.
func (i *installation) ownLog() keeper {
	return keeper{
		keep:        func(*testing.T, string) {},
		keepRunning: func(t *testing.T, backup string) { t.Helper(); i.page(t, backup, "Take a backup", 1) },
		putBack:     func(t *testing.T, backup string) { t.Helper(); i.page(t, backup, "Put the log back", 0) },
	}
}

// logOfAServer has an installation use an event store in the likeness of a server, of which
// backups are copies of its directory.
func (i *installation) logOfAServer(t *testing.T) keeper {
	t.Helper()
	dir := filepath.Join(i.dir, "server")
	var like *likeserver.Server
	open := func(t *testing.T) {
		t.Helper()
		var err error
		like, err = likeserver.Open(likeserver.Config{Dir: dir})
		require.NoError(t, err)
		i.store = like.URL()
	}
	open(t)
	t.Cleanup(func() { require.NoError(t, like.Close()) })
	return keeper{
		keep: func(t *testing.T, backup string) {
			t.Helper()
			require.NoError(t, like.Close())
			copyLog(t, dir, filepath.Join(backup, "server"))
			open(t)
		},
		keepRunning: func(*testing.T, string) {},
		putBack: func(t *testing.T, backup string) {
			t.Helper()
			require.NoError(t, like.Close())
			copyLog(t, filepath.Join(backup, "server"), dir)
			open(t)
		},
	}
}

// combination is which copies of the log and of PostgreSQL are put back, and what comes of it.
type combination struct {
	name          string
	log, postgres string
	says          string
	hasSecond     bool
}

// From every combination of copies of the log and of PostgreSQL, the page leads to the
// service: what the log holds is shown, and what is acknowledged from then on is seen.
func TestFoundW1_ThePageLeadsFromTheBackupToTheService(t *testing.T) {
	combinations := []combination{
		{"the log is older", "older", "newer", "PostgreSQL is ahead of the log", false},
		{"the log is newer", "newer", "older", "Log and PostgreSQL fit together", true},
		{"PostgreSQL is empty", "newer", "", "Log and PostgreSQL fit together", true},
		{"both are of one backup", "older", "older", "Log and PostgreSQL fit together", false},
	}
	t.Run("with the stores that Praxis runs itself", func(t *testing.T) {
		i := newInstallation(t)
		leadsToTheService(t, i, i.ownLog(), combinations...)
	})
	t.Run("with an event store of its own", func(t *testing.T) {
		i := newInstallation(t)
		leadsToTheService(t, i, i.logOfAServer(t), combinations[:2]...)
		require.NoDirExists(t, filepath.Join(i.dir, "events"), "no node was used")
	})
}

func leadsToTheService(t *testing.T, i *installation, k keeper, combinations ...combination) {
	t.Helper()
	older, newer := filepath.Join(i.dir, "older"), filepath.Join(i.dir, "newer")
	p := i.serve(t)
	practice := i.found(t)
	owner := practice.people["olivia"]
	first := owner.command(t, http.MethodPost, practice.path("/charts"), "first", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), first.Position, &object{})
	open := owner.command(t, http.MethodPost, practice.path("/invitations"), "invite", invited(0))
	i.awaitTimers(t, "invitations", 1)
	i.stop(t, p)
	i.page(t, older, "Take a backup", 0)
	k.keep(t, older)
	p = i.serve(t)
	k.keepRunning(t, older)
	owner.command(t, http.MethodPost, practice.path("/invitations/%s/revoke", open.ID), "revoke", nil)
	i.awaitTimers(t, "invitations", 0)
	second := owner.command(t, http.MethodPost, practice.path("/charts"), "second", practice.newChart("Doe", "carla"))
	owner.get(t, practice.path("/charts"), second.Position, &object{})
	i.stop(t, p)
	i.page(t, newer, "Take a backup", 0)
	k.keep(t, newer)
	k.keepRunning(t, newer)

	for _, tt := range combinations {
		t.Run(tt.name, func(t *testing.T) {
			log := filepath.Join(i.dir, tt.log)
			k.putBack(t, log)
			if tt.postgres == "" {
				require.NoError(t, os.RemoveAll(filepath.Join(i.dir, "postgres")))
			} else {
				i.page(t, filepath.Join(i.dir, tt.postgres), "Put PostgreSQL back", 0)
			}
			require.Contains(t, i.page(t, log, "Make them fit", 0), tt.says)
			i.page(t, log, "Make them fit", 1)
			require.Contains(t, i.page(t, log, "Make them fit", 0), "Log and PostgreSQL fit together")

			p := i.serve(t)
			chart := owner.command(t, http.MethodPost, practice.path("/charts"), tt.name, practice.newChart("Roe", "carla"))
			owner.get(t, practice.path("/charts/%s", chart.ID), chart.Position, &object{})
			owner.get(t, practice.path("/charts/%s", first.ID), "", &object{})
			err := owner.send(t.Context(), http.MethodGet, practice.path("/charts/%s", second.ID), nil, nil, &object{})
			require.Equal(t, tt.hasSecond, err == nil, "%v", err)
			timers := int64(1)
			if tt.hasSecond {
				timers = 0
			}
			i.awaitTimers(t, "invitations", timers)
			i.page(t, log, "Make sure", 0)
			i.stop(t, p)
			i.fits(t)
		})
	}
}

// The log of another installation beside the PostgreSQL of this one is refused, and after
// praxis restore the read models are those of that log.
func TestFoundW1_TheLogOfAnotherInstallationIsTakenOnlyWhereThatIsAskedFor(t *testing.T) {
	i, other := newInstallation(t), newInstallation(t)
	positions, practices := map[*installation]string{}, map[*installation]*practice{}
	for _, each := range []*installation{i, other} {
		p := each.serve(t)
		practice := each.found(t)
		owner := practice.people["olivia"]
		chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
		owner.get(t, practice.path("/charts"), chart.Position, &object{})
		positions[each], practices[each] = chart.Position, practice
		each.stop(t, p)
	}
	for _, name := range []string{"dev-issuer.name", "dev-issuer.pem"} {
		copyLog(t, filepath.Join(other.dir, name), filepath.Join(i.dir, name))
	}
	copyLog(t, filepath.Join(other.dir, "events"), filepath.Join(i.dir, "events"))
	p := i.start(t, "serve")
	await(t, func() bool { return strings.Contains(p.stderr.String(), `"msg":"serving"`) }, "the server does not start")
	r := i.awaitReadiness(t, func(r readiness) bool { return r.Parts["log_identity"] != "" })
	require.Contains(t, r.Parts["log_identity"], "log_differs: The event log is another one than PostgreSQL was filled from.")
	i.stop(t, p)

	require.Contains(t, i.succeed(t, "restore"), "This is another log than PostgreSQL was filled from.")
	require.Contains(t, i.succeed(t, "restore", "--yes"), "Done. Start the servers.")
	p = i.serve(t)
	await(t, func() bool {
		for _, s := range i.statuses(t) {
			if s.LagEvents > 0 {
				return false
			}
		}
		return true
	}, "the read models are never filled")
	owner, charts := i.signIn(t, "olivia"), practices[other].path("/charts")
	owner.get(t, charts, positions[other], &object{})
	var refused *refusalError
	require.ErrorAs(t, owner.send(t.Context(), http.MethodGet, charts, map[string]string{"Praxis-Min-Position": positions[i]}, nil, &object{}), &refused)
	require.Equal(t, "position_of_another_log", refused.Code)
	place, _, named := strings.Cut(positions[other], "-")
	require.True(t, named)
	owner.get(t, charts, place, &object{})
	i.stop(t, p)
	i.fits(t)
}
