package likeserver

import "math"

// The node counts events: 1, 2, 3. A server's positions are offsets into its log.
const (
	apart  = 1_000
	jitter = 700
)

// offset is the position of the node's event n. It rises with n, in uneven steps.
func offset(n uint64) uint64 { return n*apart + n*7919%jitter }

// place is a position as clients know it.
type place struct{ commit, prepare uint64 }

// eventAt is where the node's event n lies.
func eventAt(n uint64) place { return place{offset(n), offset(n)} }

// behind is the place after the node's event n at which the next record of the log
// begins. No event has this position, and the next one's is barely behind it.
func behind(n uint64) place { return place{offset(n + 1), 0} }

// upTo is the last event of the node that does not lie after a place.
func (p place) upTo() uint64 {
	if p.commit == math.MaxUint64 {
		return math.MaxUint64
	}
	n := p.commit / apart
	if at := eventAt(n); p.commit < at.commit || p.commit == at.commit && p.prepare < at.prepare {
		n--
	}
	return n
}
