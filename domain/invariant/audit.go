package invariant

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/membership"
)

// Audit folds a log and finds what must not be. Its memory grows with how many
// things there are (practices, charts, invoices, appointments), and by eight bytes
// with every event; of what events say it keeps ids, amounts and times. It is not
// safe for concurrent use.
type Audit struct {
	now       time.Time
	only      id.Group
	revisions map[es.Stream]es.Revision
	// prefixes are the first eight bytes of every event's id.
	prefixes  []uint64
	practices map[id.Group]*practice
	claims    map[id.Account]claim
	found     []Violation
	counts    map[Rule]int
	confirmed map[id.Event]Place
	suspects  map[uint64]bool
}

// Kept is how many violations of one rule an Audit remembers; further ones are
// only counted.
const Kept = 1_000

// New makes an audit that judges by the instant now, UTC. If only names a practice,
// nothing else is looked at.
func New(now time.Time, only id.Group) *Audit {
	return &Audit{
		now: now, only: only, revisions: map[es.Stream]es.Revision{}, practices: map[id.Group]*practice{},
		claims: map[id.Account]claim{}, counts: map[Rule]int{}, confirmed: map[id.Event]Place{},
	}
}

// Concerns reports whether the audit looks at a stream, so that others need not be
// decoded. Claims always count: where an account belongs is said by its own stream.
func (a *Audit) Concerns(s es.Stream) bool {
	g, ok := s.Group()
	return a.only.IsZero() || ok && g == a.only || s.Category() == membership.Category
}

// Unreadable counts in an event that cannot be decoded.
func (a *Audit) Unreadable(rec es.Recorded) {
	a.placed(rec)
	g, _ := rec.Stream.Group()
	a.report(EventUnreadable, g, []Place{placeOf(rec)}, thing(KindEvent, rec.ID))
}

// Damaged counts in that a stream was deleted or truncated in the store. A deleted one
// is placed at the last revision that the log still holds, a truncated one at the first
// that can be read.
func (a *Audit) Damaged(d es.Damage) {
	g, _ := d.Stream.Group()
	if !d.Deleted {
		a.report(StreamTruncated, g, []Place{{d.Stream, d.First}})
		return
	}
	a.report(StreamDeleted, g, []Place{{d.Stream, a.last(d.Stream)}})
}

// Add counts in the next event. Events of one stream come in their order; in the
// order of the whole log, everything is judged that spans streams.
func (a *Audit) Add(env es.Envelope) {
	a.placed(env.Recorded)
	g, owned := env.Stream.Group()
	if env.Meta.Actor == "" || env.Meta.Command.IsZero() || env.Meta.Correlation == "" || env.Meta.Causation == "" {
		a.report(CauseMissing, g, []Place{placeOf(env.Recorded)}, thing(KindEvent, env.ID))
	}
	if owned && env.Meta.Group != g || !fits(env) {
		a.report(EventMisplaced, g, []Place{placeOf(env.Recorded)}, thing(KindEvent, env.ID))
		return
	}
	if owned {
		a.practice(g).closing(a, env)
	}
	switch event := env.Event.(type) {
	case group.Event:
		a.practice(g).evolve(a, env, event)
	case chart.Event:
		a.practice(g).chart(a, env, event)
	case invoice.SeriesEvent:
		a.practice(g).number(a, env, event)
	case invoice.Event:
		a.practice(g).ledger(a, env, event)
	case booking.CalendarEvent:
		a.practice(g).calendar(env, event)
	case membership.Event:
		a.claim(env, event)
	}
}

// fits reports whether an event lies in a stream of its own kind.
func fits(env es.Envelope) bool {
	kind, lies := env.Stream.Category(), map[es.Category]bool{}
	_, lies[group.Category] = env.Event.(group.Event)
	_, lies[chart.Category] = env.Event.(chart.Event)
	_, lies[invoice.LedgerCategory] = env.Event.(invoice.Event)
	_, lies[invoice.SeriesCategory] = env.Event.(invoice.SeriesEvent)
	_, lies[booking.CalendarCategory] = env.Event.(booking.CalendarEvent)
	_, lies[membership.Category] = env.Event.(membership.Event)
	fits, judged := lies[kind]
	return fits || !judged
}

// placed checks an event's place in its stream, and remembers its id.
func (a *Audit) placed(rec es.Recorded) {
	if rec.Revision != a.last(rec.Stream)+1 {
		g, _ := rec.Stream.Group()
		a.report(RevisionGap, g, []Place{placeOf(rec)}, thing(KindEvent, rec.ID))
	}
	a.revisions[rec.Stream] = rec.Revision
	a.prefixes = append(a.prefixes, prefix(rec.ID))
}

// last is the last revision of a stream that was counted in.
func (a *Audit) last(s es.Stream) es.Revision {
	if last, known := a.revisions[s]; known {
		return last
	}
	return es.NoStream
}

func prefix(e id.Event) uint64 { return binary.BigEndian.Uint64(e[:8]) }

// Repeated reports whether two events may have the same id. If so, every event of
// the log must be given to Confirm. It is asked after the last Add.
func (a *Audit) Repeated() bool {
	slices.Sort(a.prefixes)
	a.suspects = map[uint64]bool{}
	for i := 1; i < len(a.prefixes); i++ {
		if a.prefixes[i] == a.prefixes[i-1] {
			a.suspects[a.prefixes[i]] = true
		}
	}
	a.prefixes = nil
	return len(a.suspects) > 0
}

// Confirm looks at an event once more, to tell ids that are the same from those
// that only begin alike.
func (a *Audit) Confirm(rec es.Recorded) {
	if !a.suspects[prefix(rec.ID)] {
		return
	}
	first, again := a.confirmed[rec.ID]
	if !again {
		a.confirmed[rec.ID] = placeOf(rec)
		return
	}
	g, _ := rec.Stream.Group()
	a.report(EventIDRepeated, g, []Place{placeOf(rec), first}, thing(KindEvent, rec.ID))
}

// Violations returns what was found, in the order of the rules, and how often each
// rule is broken. It is asked once, at the end.
func (a *Audit) Violations() ([]Violation, map[Rule]int) {
	for _, g := range sortedKeys(a.practices) {
		a.practices[g].judge(a)
	}
	a.judgeClaims()
	slices.SortFunc(a.found, compare)
	return a.found, a.counts
}

// Streams returns how many streams were looked at.
func (a *Audit) Streams() int { return len(a.revisions) }

func (a *Audit) report(r Rule, g id.Group, places []Place, things ...Thing) {
	if a.counts[r]++; a.counts[r] <= Kept {
		a.found = append(a.found, Violation{Rule: r, Group: g, Places: places, Things: things})
	}
}

func placeOf(rec es.Recorded) Place { return Place{rec.Stream, rec.Revision} }

func sortedKeys[K, V any](m map[id.Of[K]]V) []id.Of[K] { return id.Sorted(maps.Keys(m)) }
