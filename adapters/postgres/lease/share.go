package lease

import (
	"cmp"
	"maps"
	"slices"
)

// view is what the locks in the database say at one moment. All processes see the
// same and draw the same conclusion, so that they need not talk to one another.
type view struct {
	// me is the session of this process.
	me int32
	// holder is the session that leads a group.
	holder map[uint32]int32
	// wanters are the sessions that want a group, or lead it, and take part in the
	// sharing. Sessions that have lately said nothing are left out.
	wanters map[uint32][]int32
}

// free are the groups that are wanted and have no leader, in order.
func (v view) free() []uint32 {
	var free []uint32
	for _, key := range slices.Sorted(maps.Keys(v.wanters)) {
		if _, led := v.holder[key]; !led {
			free = append(free, key)
		}
	}
	return free
}

// held is how many groups each session leads.
func (v view) held() map[int32]int {
	held := map[int32]int{}
	for _, pid := range v.holder {
		held[pid]++
	}
	return held
}

// emptiest is the one of the wanters of a group that leads the fewest.
func (v view) emptiest(key uint32, held map[int32]int) int32 {
	return slices.MinFunc(v.wanters[key], func(a, b int32) int {
		return cmp.Or(cmp.Compare(held[a], held[b]), cmp.Compare(a, b))
	})
}

// toTake are the free groups that this process is to take: each goes to the one that
// leads the fewest. One that was free a poll ago as well is for the first that comes:
// the one that it was meant for does not take it.
func (v view) toTake(aPollAgo view) []uint32 {
	held, before := v.held(), aPollAgo.free()
	var mine []uint32
	for _, key := range v.free() {
		next := v.emptiest(key, held)
		held[next]++
		if next == v.me || slices.Contains(v.wanters[key], v.me) && slices.Contains(before, key) {
			mine = append(mine, key)
		}
	}
	return mine
}

// toGive is the group that this process is to give to another, if any. In the whole
// database one group at a time changes hands, from the one that leads the most to one
// that leads at least two fewer; then it is over, and nothing flaps. Where all want
// the same g groups, each of n processes so comes to lead at most ceil(g/n).
func (v view) toGive() (key uint32, ok bool) {
	if len(v.free()) > 0 {
		return 0, false
	}
	held := v.held()
	var giver int32
	for _, k := range slices.Sorted(maps.Keys(v.wanters)) {
		from := v.holder[k]
		if !slices.Contains(v.wanters[k], from) || held[from]-held[v.emptiest(k, held)] < 2 {
			continue
		}
		if held[from] > held[giver] || held[from] == held[giver] && from <= giver {
			giver, key = from, k
		}
	}
	return key, giver != 0 && giver == v.me
}
