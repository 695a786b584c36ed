package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheDemo loads the demo, through a crash, looks at what it promises, and
// starts a server on its data.
func TestTheDemo(t *testing.T) {
	i := newInstallation(t)
	t.Run("killed while it loads, it goes on where it was", func(t *testing.T) {
		loading := i.start(t, "demo", "--stop")
		await(t, func() bool { return strings.Contains(loading.stderr.String(), "demo  30%") }, "the demo does not load")
		loading.kill(t)
		began := time.Now()
		o := i.run(t, "demo", "--stop")
		require.Equal(t, 0, o.code, o.stderr)
		require.Contains(t, o.stderr, "Loaded the demo in ")
		t.Logf("loading the rest of the demo, with starting and stopping: %s", time.Since(began).Round(time.Millisecond))
	})
	demo := i.start(t, "demo")
	await(t, func() bool { return strings.Contains(demo.stdout.String(), "Stop with Ctrl-C") }, "the demo does not start again")
	require.NotContains(t, demo.stderr.String(), "Loaded", "a second start finds its data")

	d := i.theDemo(t)
	t.Run("it has what it says", d.check)
	t.Run("it breaks no invariant", func(t *testing.T) {
		began := time.Now()
		said := i.succeed(t, "audit", "invariants")
		require.Contains(t, said, "Every invariant holds")
		t.Logf("praxis audit invariants: %s %s", time.Since(began).Round(time.Millisecond), strings.TrimSpace(said))
	})
	t.Run("its roster is exported on the command line, whole or not at all", func(t *testing.T) { d.checkExport(t, i) })
	t.Run("its lines work as printed", func(t *testing.T) { checkPrintedLines(t, demo.stdout.String()) })
	i.stop(t, demo)

	t.Run("a server on its data answers from every read model at once", func(t *testing.T) {
		began := time.Now()
		server := i.serve(t)
		t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
		d.check(t)
		t.Logf("every read model answered after %s", time.Since(began).Round(time.Millisecond))
		i.stop(t, server)
	})
}

// demoPractice is the demo's practice as its owner and its patient see it.
type demoPractice struct {
	group, carla       string
	olivia, farid, pat *person
}

func (i *installation) theDemo(t *testing.T) demoPractice {
	t.Helper()
	d := demoPractice{olivia: i.signIn(t, "olivia"), farid: i.signIn(t, "farid")}
	// The patient signs in with a token from the command line.
	d.pat = i.bearer(t, strings.TrimSpace(i.succeed(t, "token", "pat")))
	d.group = d.olivia.me(t).Group
	d.carla = i.signIn(t, "carla").me(t).Member
	return d
}

func (d demoPractice) path(format string, args ...any) string {
	return "/v1/groups/" + d.group + fmt.Sprintf(format, args...)
}

// count asks for one list to its end and returns how many entries it has.
func (d demoPractice) count(t *testing.T, path, list string) int {
	t.Helper()
	n := 0
	for cursor := ""; ; {
		var page map[string]any
		d.olivia.get(t, d.path("%s&limit=500&cursor=%s", path, cursor), "", &page)
		entries, isList := page[list].([]any)
		require.True(t, isList, "%s of %s", list, path)
		n += len(entries)
		if page["nextCursor"] == nil {
			return n
		}
		cursor = fmt.Sprint(page["nextCursor"])
	}
}

// check asks every read model and counts what the demo says that there is.
func (d demoPractice) check(t *testing.T) {
	t.Helper()
	require.Equal(t, 200, d.count(t, "/charts?archived=false", "charts")+d.count(t, "/charts?archived=true", "charts"))
	require.Equal(t, 40, d.count(t, "/charts?archived=false&clinician="+d.carla, "charts")+d.count(t, "/charts?archived=true&clinician="+d.carla, "charts"))
	var directory struct{ Members []any }
	d.olivia.get(t, d.path("/members"), "", &directory)
	require.Len(t, directory.Members, 10)
	require.Equal(t, 400, d.count(t, "/billing/invoices?stage=open", "invoices"), "two of three months are invoiced")
	require.NotZero(t, d.count(t, "/billing/invoices?overdue=true", "invoices"))
	require.Greater(t, d.count(t, "/billing/history?kind=charge", "entries"), 600)
	require.NotZero(t, d.count(t, "/billing/history?kind=payment&clinician="+d.carla, "entries"))
	require.Greater(t, d.count(t, "/appointments?cancelled=false", "appointments"), 50)
	var slots struct{ Slots []any }
	kind := d.kind(t)
	d.olivia.get(t, d.path("/clinicians/%s/slots?type=%s", d.carla, kind), "", &slots)
	require.NotEmpty(t, slots.Slots)
	var refused *refusalError
	err := d.pat.send(t.Context(), http.MethodGet, d.path("/charts"), nil, nil, &object{})
	require.ErrorAs(t, err, &refused, "a patient sees no roster")
	err = d.farid.send(t.Context(), http.MethodGet, d.path("/charts.csv"), nil, nil, &object{})
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "permission_denied", refused.Code, "Farid was denied what his role may")
	var open struct{ Invitations []any }
	d.olivia.get(t, d.path("/invitations"), "", &open)
	require.Len(t, open.Invitations, 1, "Nora has not answered yet")
	d.checkSubscription(t)
}

// checkSubscription looks at the licences of six clinicians, one of them free.
func (d demoPractice) checkSubscription(t *testing.T) {
	t.Helper()
	var s struct {
		Utilisation struct{ Owned, Assigned int }
		Proofs      []struct{ Verified bool }
		NextInvoice struct {
			Lines []struct{ Amount struct{ Minor int64 } }
			Total struct{ Minor int64 }
		}
	}
	d.olivia.get(t, d.path("/subscription"), "", &s)
	require.Equal(t, 6, s.Utilisation.Owned)
	require.Equal(t, 6, s.Utilisation.Assigned)
	require.Len(t, s.Proofs, 1)
	require.True(t, s.Proofs[0].Verified)
	var amounts []int64
	for _, line := range s.NextInvoice.Lines {
		amounts = append(amounts, line.Amount.Minor)
	}
	require.ElementsMatch(t, []int64{119_00, 89_00, 69_00, 69_00, 69_00, 0}, amounts, "two prescribers, three therapists, an intern")
	require.Equal(t, int64(415_00), s.NextInvoice.Total.Minor)
}

func (d demoPractice) kind(t *testing.T) string {
	t.Helper()
	var kinds struct{ Types []struct{ ID string } }
	d.olivia.get(t, d.path("/appointment-types"), "", &kinds)
	require.Len(t, kinds.Types, 2)
	return kinds.Types[0].ID
}

// checkPrintedLines runs what the demo prints, line by line as a person would
// paste it into one shell that knows nothing of this installation.
func checkPrintedLines(t *testing.T, printed string) {
	t.Helper()
	var script strings.Builder
	titles := []string{}
	title := ""
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\n")
		switch command, isLine := strings.CutPrefix(line, "  "); {
		case isLine && strings.Contains(command, "=$("):
			fmt.Fprintf(&script, "%s\n", command)
		case isLine:
			// Each twice: what is printed may be run again.
			fmt.Fprintf(&script, "%s\necho '%s'\n%s\necho '%s'\n", command, separator, command, separator)
			titles = append(titles, title)
		case line != "":
			title = line
		}
	}
	require.Len(t, titles, 12)
	cmd := exec.CommandContext(t.Context(), "bash", "-eu")
	cmd.Stdin = strings.NewReader(script.String())
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	answers := strings.Split(string(out), separator+"\n")
	require.Len(t, answers, 2*len(titles)+1)
	for n, says := range []string{`"charts":[{`, `"entries":[{`, `"slots":[{`, `"outcome":"done"`, `"appointments":[{`, `"code":"permission_denied"`, "free for a trainee with proof", `"nextAfter":{"minor":55300`, `"capability":"roster.view","shift":"gained"`, `"rule":"role_grant"`, `"rule":"user_deny"`, "chart.create"} {
		require.Contains(t, answers[2*n], says, titles[n])
		if strings.Contains(says, "done") {
			says = `"outcome":"replayed"`
		}
		require.Contains(t, answers[2*n+1], says, titles[n])
	}
}

// separator stands between the answers of printed lines.
const separator = "=== end of answer ==="

// checkExport saves the roster as the owner, twice the same, and as somebody who may not.
func (d demoPractice) checkExport(t *testing.T, i *installation) {
	t.Helper()
	dir := t.TempDir()
	export := func(as, to string, args ...string) outcome {
		return i.runWith(t, []string{"PRAXIS_TOKEN=" + strings.TrimSpace(i.succeed(t, "token", as))},
			append([]string{"export", "roster", d.group, "--to", filepath.Join(dir, to), "--json"}, args...)...)
	}
	o := export("olivia", "all.csv", "--reason", "yearly audit")
	require.Equal(t, 0, o.code, o.stderr)
	require.Contains(t, o.stderr, "roster 100%")
	first, err := os.ReadFile(filepath.Join(dir, "all.csv"))
	require.NoError(t, err)
	sum := sha256.Sum256(first)
	told := parse[struct {
		Bytes  int
		SHA256 string
	}](t, o.stdout)
	require.Equal(t, len(first), told.Bytes)
	require.Equal(t, hex.EncodeToString(sum[:]), told.SHA256)
	lines := strings.Split(strings.TrimSpace(string(first)), "\r\n")
	require.Len(t, lines, d.count(t, "/charts?archived=false", "charts")+2, "a header, the charts and as of when")
	position, _, _ := strings.Cut(strings.TrimPrefix(lines[len(lines)-1], `"as of `), ",")
	require.Equal(t, 0, export("olivia", "again.csv", "--as-of", position).code)
	again, err := os.ReadFile(filepath.Join(dir, "again.csv"))
	require.NoError(t, err)
	require.Equal(t, string(first), string(again), "reproducible later")

	o = export("farid", "none.csv")
	require.Equal(t, 3, o.code, o.stderr)
	require.Contains(t, o.stderr, "(permission_denied)")
	require.NoFileExists(t, filepath.Join(dir, "none.csv"))
	o = i.run(t, "export", "roster", d.group)
	require.Equal(t, 3, o.code)
	require.Contains(t, o.stderr, "(no_token)")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2)
}
