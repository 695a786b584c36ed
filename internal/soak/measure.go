package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"praxis/adapters/eventnode/engine"
)

// measure opens the log in dir, cold, and reports the time and the memory that
// opening and typical use take.
func measure(ctx context.Context, out io.Writer, dir string, seed uint64) error {
	if err := forget(filepath.Join(dir, engine.FileName)); err != nil {
		return err
	}
	if err := step(out, "before opening", func() (int, error) { return 0, nil }); err != nil {
		return err
	}
	var log *engine.Engine
	err := step(out, "open, file not in memory", func() (_ int, err error) {
		log, err = engine.Open(engine.Config{Dir: dir})
		return 0, err
	})
	if err != nil {
		return err
	}
	head, _ := log.Head()
	random := rand.New(rand.NewPCG(seed, 1))
	streams := int(max(1, head/eventsPerStream))
	steps := []struct {
		name string
		run  func() (int, error)
	}{
		{"read 1,000 streams", func() (int, error) {
			return repeat(1000, func() (int, error) { return readStream(log, loadStream(random.IntN(streams))) })
		}},
		{"append 1,000 times to any stream", func() (int, error) {
			return repeat(1000, func() (int, error) {
				_, err := log.Append(ctx, engine.Append{Stream: loadStream(random.IntN(streams)), Expected: engine.Any, Events: []engine.NewEvent{sizedEvent(random)}})
				return 1, err
			})
		}},
		{"read the last 100,000 events of $all", func() (int, error) { return readAll(log, head-min(head, 100_000)+1) }},
		{"read all of $all", func() (int, error) { return readAll(log, 1) }},
	}
	for _, s := range steps {
		if err := step(out, s.name, s.run); err != nil {
			return err
		}
	}
	if err := log.Close(); err != nil {
		return err
	}
	return step(out, "reopen, file in memory", func() (int, error) {
		log, err := engine.Open(engine.Config{Dir: dir})
		if err != nil {
			return 0, err
		}
		return 0, log.Close()
	})
}

// step runs a part of the measurement and prints its line.
func step(out io.Writer, name string, run func() (int, error)) error {
	started := time.Now()
	events, err := run()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(started)
	runtime.GC()
	anonymous, file, err := resident()
	if err != nil {
		return err
	}
	rate := ""
	if events > 0 {
		rate = fmt.Sprintf("%.0f events/s", float64(events)/took.Seconds())
	}
	_, err = fmt.Fprintf(out, "%-38s %10s  own memory %4d MB  pages of the file %5d MB  %s\n",
		name, took.Round(10*time.Microsecond), anonymous>>20, file>>20, rate)
	return err
}

func repeat(times int, f func() (int, error)) (sum int, err error) {
	for range times {
		n, err := f()
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

func readStream(log *engine.Engine, stream string) (int, error) {
	count := 0
	for {
		page, err := log.ReadStream(engine.Forwards, stream, uint64(count), 4096)
		if err != nil {
			return count, err
		}
		count += len(page.Events)
		if !page.More {
			return count, nil
		}
	}
}

func readAll(log *engine.Engine, from uint64) (int, error) {
	next := from
	for {
		page, err := log.ReadAll(engine.Forwards, next, 4096)
		if err != nil {
			return int(next - from), err
		}
		next += uint64(len(page.Events))
		if !page.More {
			return int(next - from), nil
		}
	}
}

// resident returns the process's memory in bytes: its own (RssAnon), and the
// pages of files that are mapped (RssFile), which the kernel takes back whenever
// somebody else needs them.
func resident() (anonymous, file uint64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, fmt.Errorf("memory is measured on Linux only: %w", err)
	}
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
	return anonymous, file, nil
}
