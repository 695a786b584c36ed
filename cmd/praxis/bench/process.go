package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// tick is the unit in which Linux counts processor time for programs.
const tick = 10 * time.Millisecond

// stat is what /proc says of a process, from its third field on; nil without /proc.
func stat(pid string) [][]byte {
	raw, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return nil
	}
	// The second field is a name in parentheses, with anything in it.
	return bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
}

func ticks(fields [][]byte) (sum time.Duration) {
	for _, f := range fields {
		n, _ := strconv.ParseInt(string(f), 10, 64) // What is no number is none.
		sum += time.Duration(n) * tick
	}
	return sum
}

// Processor is the processor time that this process has used; 0 where it cannot be told.
func Processor() time.Duration {
	if f := stat("self"); f != nil {
		return ticks(f[11:13])
	}
	return 0
}

// FamilyProcessor is the processor time that the parent of a process has used, with its
// children, those that have ended included; 0 where it cannot be told. The parent of a
// backend of Postgres is the server.
func FamilyProcessor(child int) (sum time.Duration) {
	own := stat(strconv.Itoa(child))
	if own == nil {
		return 0
	}
	parent := string(own[1])
	if f := stat(parent); f != nil {
		sum = ticks(f[11:15])
	}
	all, _ := filepath.Glob("/proc/[0-9]*") // The pattern is right.
	for _, dir := range all {
		if f := stat(filepath.Base(dir)); f != nil && string(f[1]) == parent {
			sum += ticks(f[11:13])
		}
	}
	return sum
}

// Anonymous is the memory of this process that is not of files, in bytes; 0 where it
// cannot be told.
func Anonymous() (size int64) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	if at := bytes.Index(raw, []byte("RssAnon:")); at >= 0 {
		_, _ = fmt.Sscanf(string(raw[at:]), "RssAnon: %d kB", &size)
	}
	return size << 10
}

// PeakAnonymous looks at Anonymous every 20 ms until it is stopped, and then returns the
// most that it saw.
func PeakAnonymous() (stop func() int64) {
	done := make(chan struct{})
	var most int64
	var looking sync.WaitGroup
	looking.Go(func() {
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			most = max(most, Anonymous())
			select {
			case <-look.C:
			case <-done:
				return
			}
		}
	})
	return func() int64 {
		close(done)
		looking.Wait()
		return most
	}
}

// Rebuild is what was measured of rebuilding a read model.
type Rebuild struct {
	// Model is its name.
	Model string `json:"model"`
	// Events is how many events it consumes.
	Events int `json:"events"`
	// Read, Decode and Copy are the floors of the same run: reading those events, reading
	// and decoding them, and copying the rows that come of them, all in events per second.
	Read   float64 `json:"readPerSecond"`
	Decode float64 `json:"decodePerSecond"`
	Copy   float64 `json:"copyPerSecond"`
	// Rebuild is how many events that it consumes were rebuilt per second, and Log how many
	// events of the log went by.
	Rebuild float64 `json:"rebuildPerSecond"`
	Log     float64 `json:"logPerSecond"`
	// Target says what it should be, and Met whether it is; empty without a target.
	Target string `json:"target,omitempty"`
	Met    string `json:"met,omitempty"`
	// Praxis and Postgres are the processor time of one event, the event node's and the
	// client's in the first.
	Praxis   time.Duration `json:"praxisNanosPerEvent"`
	Postgres time.Duration `json:"postgresNanosPerEvent"`
	// Memory is the most own memory (RssAnon) of this process meanwhile, in bytes.
	Memory int64 `json:"memoryBytes"`
	// Swap is how long readers could be held when the rows took their place.
	Swap time.Duration `json:"swapNanos"`
}
