package booking

import (
	"slices"
	"time"
)

// Span is the half-open interval of instants [Start, End), UTC.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// IsEmpty reports whether the span holds no instant.
func (s Span) IsEmpty() bool { return !s.Start.Before(s.End) }

// Overlaps reports whether the two spans share an instant. Spans that only
// touch do not overlap.
func (s Span) Overlaps(o Span) bool {
	return !s.IsEmpty() && !o.IsEmpty() && s.Start.Before(o.End) && o.Start.Before(s.End)
}

// Contains reports whether every instant of o lies in s.
func (s Span) Contains(o Span) bool {
	return o.IsEmpty() || !o.Start.Before(s.Start) && !o.End.After(s.End)
}

// Union returns the same instants as disjoint spans in order, with touching and
// overlapping spans merged into one (BKG-A6). The argument is left alone.
func Union(spans []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), Span.IsEmpty)
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	merged := sorted[:0]
	for _, s := range sorted {
		last := len(merged) - 1
		if last < 0 || merged[last].End.Before(s.Start) {
			merged = append(merged, s)
			continue
		}
		if merged[last].End.Before(s.End) {
			merged[last].End = s.End
		}
	}
	return merged
}
