// Package bench measures what Praxis costs on this machine, beside the floor
// that the disk sets in the same run: absolute times mean little on a shared
// machine, ratios hold. It imports the standard library only.
package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Row is one measurement.
type Row struct {
	// What was measured.
	What string `json:"what"`
	// P50, P95 and P99 are the times of one operation; zero where only the rate counts.
	P50 time.Duration `json:"p50Nanos,omitempty"`
	P95 time.Duration `json:"p95Nanos,omitempty"`
	P99 time.Duration `json:"p99Nanos,omitempty"`
	// PerSecond is the number of operations, or events, per second.
	PerSecond float64 `json:"perSecond"`
	// Ratio is P50 over that of Floor.
	Ratio float64 `json:"ratio,omitempty"`
	Floor string  `json:"floor,omitempty"`
	// Target says what it should be, and Met whether it is; empty without a target.
	Target string `json:"target,omitempty"`
	Met    string `json:"met,omitempty"`
}

// Times runs f n times with the given number of workers and returns the row.
func Times(what string, workers, n int, f func(worker, i int) error) (Row, error) {
	return Spans(what, workers, n, func(worker, i int) (time.Duration, error) {
		begin := time.Now()
		err := f(worker, i)
		return time.Since(begin), err
	})
}

// Spans is Times for what f itself measures.
func Spans(what string, workers, n int, f func(worker, i int) (time.Duration, error)) (Row, error) {
	took := make([]time.Duration, n)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				took[i], errs[w] = f(w, i)
			}
		})
	}
	wg.Wait()
	whole := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return Row{}, fmt.Errorf("%s: %w", what, err)
	}
	return Of(what, took, whole), nil
}

// Of is the row of operations that took so long each, and all together the whole time.
func Of(what string, took []time.Duration, whole time.Duration) Row {
	slices.Sort(took)
	n := len(took)
	return Row{What: what, P50: took[n/2], P95: took[n*95/100], P99: took[n*99/100], PerSecond: float64(n) / whole.Seconds()}
}

// Over sets the row's ratio to a floor of the same run.
func (r Row) Over(floor Row) Row {
	r.Floor = floor.What
	if floor.P50 > 0 {
		r.Ratio = float64(r.P50) / float64(floor.P50)
	}
	return r
}

// AtMost sets a target for the ratio.
func (r Row) AtMost(ratio float64) Row {
	r.Target, r.Met = fmt.Sprintf("≤ %g ×", ratio), met(r.Ratio <= ratio)
	return r
}

// Within sets targets for p50 and p99.
func (r Row) Within(p50, p99 time.Duration) Row {
	r.Target, r.Met = fmt.Sprintf("< %s / %s", p50, p99), met(r.P50 < p50 && r.P99 < p99)
	return r
}

// WithinP95 sets a target for p95.
func (r Row) WithinP95(p95 time.Duration) Row {
	r.Target, r.Met = fmt.Sprintf("p95 < %s", p95), met(r.P95 < p95)
	return r
}

func met(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// DiskFloor measures what the disk asks for one durable write of size bytes to a
// growing file: nothing that promises durability can be faster.
func DiskFloor(dir string, size, n int) (row Row, err error) {
	file, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		return Row{}, fmt.Errorf("disk floor: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	block := make([]byte, size)
	return Times("disk: write and sync 512 bytes", 1, n, func(int, int) error {
		if _, err := file.Write(block); err != nil {
			return err
		}
		return file.Sync()
	})
}
