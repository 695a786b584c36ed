package projections

import (
	"math/big"
	"slices"
)

// explain finds the one or two events of the present stretch that make a whole
// difference: more is how many events of the log are not applied, less those that were
// applied too often, and lacks the sum of their hashes. It returns none where no event,
// or no two, have that sum.
func (a *audit) explain(more int64, lacks *big.Int) []Misapplied {
	at := make(map[hashed]int, len(a.events))
	for n, e := range a.events {
		at[e.hash] = n
	}
	find := func(sum *big.Int) (int, bool) {
		var h hashed
		if sum.Sign() < 0 || sum.BitLen() > 8*len(h) {
			return 0, false
		}
		sum.FillBytes(h[:])
		n, isThere := at[h]
		return n, isThere
	}
	wrong, sum := Missing, lacks
	if more < 0 {
		wrong, sum = Doubled, new(big.Int).Neg(lacks)
	}
	switch max(more, -more) {
	case 0:
		// One is missing, and another was applied instead.
		for n, e := range a.events {
			if other, ok := find(new(big.Int).Sub(e.hash.number(), lacks)); ok {
				return sorted(append(a.named(Missing, n), a.named(Doubled, other)...))
			}
		}
	case 1:
		if n, ok := find(sum); ok {
			return a.named(wrong, n)
		}
	case 2:
		for n, e := range a.events {
			if other, ok := find(new(big.Int).Sub(sum, e.hash.number())); ok && (other != n || wrong == Doubled) {
				return a.named(wrong, n, other)
			}
		}
	}
	return nil
}

// named describes events of the present stretch.
func (a *audit) named(wrong Wrong, events ...int) []Misapplied {
	var list []Misapplied
	for _, n := range events {
		e, wrong := a.events[n], wrong
		if wrong == Doubled && a.isAside(e) {
			wrong = Quarantined
		}
		list = append(list, Misapplied{wrong, e.Position, e.Stream, e.Revision, e.Type, e.ID, e.RecordedAt})
	}
	return sorted(list)
}

// sorted puts events in the order of the log.
func sorted(list []Misapplied) []Misapplied {
	slices.SortFunc(list, func(x, y Misapplied) int {
		if x.Position.Before(y.Position) {
			return -1
		}
		return 1
	})
	return list
}
