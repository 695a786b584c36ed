package commands

import (
	"iter"
	"runtime"

	"praxis/domain/es"
)

// portionSize is how many events are decoded and folded at a time: few enough that a long
// history never stands in memory as a whole, and that decisions on its state
// meanwhile hardly wait.
const portionSize = 256

// portion is a part of a stream on its way from bytes to events.
type portion struct {
	read   []es.Recorded
	events []es.Envelope
	// err is why there are fewer events than were read.
	err  error
	done chan struct{}
}

func (p *portion) decode(registry *es.Registry) {
	for _, rec := range p.read {
		env, err := registry.Decode(rec)
		if p.err = err; err != nil {
			break
		}
		p.events = append(p.events, env)
	}
	p.done <- struct{}{}
}

// decoded yields the events of a stream in order, in portions that are good until the
// next one is asked for, or after the last that could be read the error. Decoding is most
// of what a long history takes, so portions are decoded beside one another, and while
// the next ones are read; the few events of a tail are decoded where they are.
func decoded(registry *es.Registry, stream es.Events) iter.Seq2[[]es.Envelope, error] {
	return func(yield func([]es.Envelope, error) bool) {
		var running []*portion
		defer func() {
			for _, p := range running {
				<-p.done
			}
		}()
		p := newPortion()
		// next yields the oldest portion, and makes it the one that is filled next.
		next := func() bool {
			p, running = running[0], running[1:]
			<-p.done
			if len(p.events) > 0 && !yield(p.events, nil) {
				return false
			}
			if p.err != nil {
				yield(nil, p.err)
			}
			return p.err == nil
		}
		for rec, err := range stream {
			if err != nil {
				yield(nil, err)
				return
			}
			if p.read = append(p.read, rec); len(p.read) < portionSize {
				continue
			}
			running = append(running, p)
			go p.decode(registry)
			if len(running) <= runtime.GOMAXPROCS(0) {
				p = newPortion()
			} else if !next() {
				return
			}
			p.read, p.events = p.read[:0], p.events[:0]
		}
		if len(p.read) > 0 {
			running = append(running, p)
			p.decode(registry)
		}
		for len(running) > 0 && next() {
		}
	}
}

func newPortion() *portion { return &portion{done: make(chan struct{}, 1)} }
