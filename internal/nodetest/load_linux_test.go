package nodetest_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"praxis/adapters/eventnode/engine"
)

var load = flag.Int("load", 2_000, "how many events the log holds that is measured")

const (
	// eventsPerAppend and eventsPerStream shape the log: appends of a few events,
	// scattered over streams of about a hundred.
	eventsPerAppend = 10
	eventsPerStream = 100
	// inFlight is how many appends wait for the writer at once.
	inFlight = 512
)

// measuredVariable tells this program, started again, which log to measure.
const measuredVariable = "PRAXIS_NODETEST_MEASURED"

// A log of many events is filled, and measured by a process of its own, which shows
// the memory of a node and not that of the load.
func TestALargeLogIsMeasured(t *testing.T) {
	chosen := seed(t)
	if dir, isChild := os.LookupEnv(measuredVariable); isChild {
		measure(t, dir, chosen)
		return
	}
	dir := t.TempDir()
	started := time.Now()
	fill(t, dir, chosen, *load)
	took := time.Since(started)
	file, err := os.Stat(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.timeout", "0")
	child.Env = append(os.Environ(), measuredVariable+"="+dir, "PRAXIS_TEST_SEED="+strconv.FormatUint(chosen, 10))
	said, err := child.CombinedOutput()
	require.NoError(t, err, string(said))
	require.Contains(t, string(said), "open, file not in memory")
	t.Logf("%d events loaded in %s (%.0f events/s), file %d MB, %d bytes per event\n%s",
		*load, took.Round(time.Second), float64(*load)/took.Seconds(), file.Size()>>20, file.Size()/int64(*load), said)
}

// fill appends n events of about 400 stored bytes.
func fill(t *testing.T, dir string, seed uint64, n int) {
	t.Helper()
	log, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(seed, 0))
	streams := max(1, n/eventsPerStream)
	var waiting []*engine.Pending
	settle := func() {
		for _, p := range waiting {
			_, err := p.Wait(t.Context())
			require.NoError(t, err)
		}
		waiting = waiting[:0]
	}
	for stored := 0; stored < n; {
		events := make([]engine.NewEvent, min(eventsPerAppend, n-stored))
		for i := range events {
			events[i] = sizedEvent(random)
		}
		pending, err := log.Start(t.Context(), engine.Append{Stream: loadStream(random.IntN(streams)), Expected: engine.Any, Events: events})
		require.NoError(t, err)
		stored += len(events)
		if waiting = append(waiting, pending); len(waiting) == inFlight {
			settle()
		}
	}
	settle()
	require.NoError(t, log.Close())
}

func loadStream(n int) string { return fmt.Sprintf("invoice-%012d", n) }

// sizedEvent is an event that takes about 400 bytes with its stream, type and ids.
func sizedEvent(random *rand.Rand) engine.NewEvent {
	var event uuid.UUID
	for i := range event {
		event[i] = byte(random.Uint32())
	}
	return engine.NewEvent{
		ID: event, Type: "invoice.payment_recorded", IsJSON: true,
		Data:     []byte(`{"note":"` + strings.Repeat("x", 220) + `"}`),
		Metadata: []byte(`{"actor":"` + strings.Repeat("y", 50) + `"}`),
	}
}

// measure opens the log in dir, cold, and prints the time and the memory that opening
// and typical use take.
func measure(t *testing.T, dir string, seed uint64) {
	t.Helper()
	forget(t, filepath.Join(dir, engine.FileName))
	step(t, "before opening", func() int { return 0 })
	var log *engine.Engine
	opens := func() int {
		var err error
		log, err = engine.Open(engine.Config{Dir: dir})
		require.NoError(t, err)
		return 0
	}
	step(t, "open, file not in memory", opens)
	head, _ := log.Head()
	random := rand.New(rand.NewPCG(seed, 1))
	streams := int(max(1, head/eventsPerStream))
	step(t, "read 1,000 streams", func() (events int) {
		for range 1_000 {
			stream := loadStream(random.IntN(streams))
			events += pages(t, func(n int) (engine.Page, error) { return log.ReadStream(engine.Forwards, stream, uint64(n), 4096) })
		}
		return events
	})
	step(t, "append 1,000 times to any stream", func() int {
		for range 1_000 {
			_, err := log.Append(t.Context(), engine.Append{Stream: loadStream(random.IntN(streams)), Expected: engine.Any, Events: []engine.NewEvent{sizedEvent(random)}})
			require.NoError(t, err)
		}
		return 1_000
	})
	readsFrom := func(first uint64) func() int {
		return func() int {
			return pages(t, func(n int) (engine.Page, error) { return log.ReadAll(engine.Forwards, first+uint64(n), 4096) })
		}
	}
	step(t, "read the last 100,000 events of $all", readsFrom(head-min(head, 100_000)+1))
	step(t, "read all of $all", readsFrom(1))
	require.NoError(t, log.Close())
	step(t, "reopen, file in memory", opens)
	require.NoError(t, log.Close())
}

// step runs a part of the measurement, which returns how many events it was about,
// and prints its line.
func step(t *testing.T, name string, run func() (events int)) {
	t.Helper()
	started := time.Now()
	events := run()
	took := time.Since(started)
	runtime.GC()
	anonymous, file := resident(t)
	rate := ""
	if events > 0 {
		rate = fmt.Sprintf("%.0f events/s", float64(events)/took.Seconds())
	}
	fmt.Fprintf(os.Stdout, "%-38s %10s  own memory %4d MB  pages of the file %5d MB  %s\n",
		name, took.Round(10*time.Microsecond), anonymous>>20, file>>20, rate)
}

// pages reads page after page, each from the number of events before it, and returns
// how many events there are.
func pages(t *testing.T, read func(n int) (engine.Page, error)) int {
	t.Helper()
	for n := 0; ; {
		page, err := read(n)
		require.NoError(t, err)
		if n += len(page.Events); !page.More {
			return n
		}
	}
}

// resident returns the process's memory in bytes: its own (RssAnon), and the
// pages of files that are mapped (RssFile), which the kernel takes back whenever
// somebody else needs them.
func resident(t *testing.T) (anonymous, file uint64) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		var name string
		var kilobytes uint64
		if n, _ := fmt.Sscan(line, &name, &kilobytes); n != 2 {
			continue
		}
		switch name {
		case "RssAnon:":
			anonymous = kilobytes << 10
		case "RssFile:":
			file = kilobytes << 10
		}
	}
	return anonymous, file
}

// forget asks the kernel to drop a file from memory, so that opening it is
// measured as after a start of the machine.
func forget(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	require.NoError(t, file.Sync())
	require.NoError(t, unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED))
}
