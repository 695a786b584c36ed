package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// meter shows how far long work is: a bar that moves on a terminal, and else a
// line each time another tenth is done, so that logs stay readable.
type meter struct {
	w    io.Writer
	what string
	// items is what is counted.
	items    string
	terminal bool
	tenth    int
	start    time.Time
}

func newMeter(w io.Writer, what string) *meter {
	return &meter{w: w, what: what, items: "events", terminal: isTerminal(w), tenth: -1, start: now()}
}

// advance is show for work that goes on at the pace it had since the meter was made.
func (m *meter) advance(fraction float64, items int) {
	took := now().Sub(m.start)
	var left time.Duration
	if fraction > 0 {
		left = time.Duration(float64(took) * (1 - fraction) / fraction)
	}
	m.show(fraction, items, float64(items)/max(took.Seconds(), 0.001), left)
}

// show tells how much of the work is done (0: unknown), how many items, at what
// pace, and how long the rest takes (0: unknown).
func (m *meter) show(fraction float64, items int, perSecond float64, eta time.Duration) {
	fraction = min(1, max(0, fraction))
	done := ""
	if fraction > 0 {
		done = fmt.Sprintf(" %3.0f%%", fraction*100)
	}
	line := fmt.Sprintf("%s%s  %d %s  %.0f/s", m.what, done, items, m.items, perSecond)
	if eta > 0 {
		line += "  about " + eta.Round(time.Second).String() + " left"
	}
	if m.terminal {
		const width = 30
		done := int(fraction * width)
		fmt.Fprintf(m.w, "\r\x1b[K[%s%s] %s", strings.Repeat("=", done), strings.Repeat(" ", width-done), line)
		return
	}
	if tenth := int(fraction * 10); tenth != m.tenth {
		m.tenth = tenth
		fmt.Fprintln(m.w, line)
	}
}

// end finishes the bar.
func (m *meter) end() {
	if m.terminal {
		fmt.Fprintln(m.w)
	}
}
