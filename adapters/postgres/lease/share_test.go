package lease_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/lease"
)

// Any number of processes that want any of the groups, and take and give in any order,
// come to rest; then every group is led, and nobody could give one to another that has
// two fewer.
func TestSharing_ComesToRestInBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := lease.Sharing{Wanters: map[uint32][]int32{}, Holder: map[uint32]int32{}}
		processes := rapid.IntRange(1, 6).Draw(t, "processes")
		groups := rapid.IntRange(1, 20).Draw(t, "groups")
		everyone := rapid.Bool().Draw(t, "everyone wants all")
		for key := range uint32(groups) {
			for pid := int32(1); pid <= int32(processes); pid++ {
				if everyone || rapid.Bool().Draw(t, "wants") {
					now.Wanters[key] = append(now.Wanters[key], pid)
				}
			}
			if of := now.Wanters[key]; len(of) > 0 && rapid.Bool().Draw(t, "is led") {
				now.Holder[key] = rapid.SampledFrom(of).Draw(t, "holder")
			}
		}
		before, quiet, moves := now, 0, 0
		for quiet < 3 {
			seen := lease.Sharing{Wanters: now.Wanters, Holder: maps.Clone(now.Holder)}
			moved := false
			order := rapid.Permutation(pids(processes)).Draw(t, "order")
			for _, pid := range order {
				for _, key := range seen.ToTake(pid, before) {
					if _, led := now.Holder[key]; !led {
						now.Holder[key], moved = pid, true
					}
				}
				if key, ok := seen.ToGive(pid); ok {
					require.Equal(t, pid, now.Holder[key], "what is given is one's own")
					delete(now.Holder, key)
					moved = true
				}
			}
			before = seen
			quiet++
			if moved {
				quiet = 0
				moves++
			}
			require.Less(t, moves, 100, "it never comes to rest")
		}
		held := map[int32]int{}
		for _, pid := range now.Holder {
			held[pid]++
		}
		for key, of := range now.Wanters {
			require.Contains(t, of, now.Holder[key], "who leads a group wants it")
			for _, pid := range of {
				require.Less(t, held[now.Holder[key]]-held[pid], 2)
			}
		}
		if everyone {
			for _, n := range held {
				require.LessOrEqual(t, n, (groups+processes-1)/processes)
			}
		}
	})
}

func pids(n int) (all []int32) {
	for pid := range int32(n) {
		all = append(all, pid+1)
	}
	return all
}

func TestSharing_OneGroupAtATimeChangesHands(t *testing.T) {
	all := []int32{1, 2, 3}
	s := lease.Sharing{Wanters: map[uint32][]int32{}, Holder: map[uint32]int32{}}
	for key := range uint32(6) {
		s.Wanters[key], s.Holder[key] = all, 1+int32(key%2)
	}
	var givers []int32
	for _, pid := range all {
		if _, ok := s.ToGive(pid); ok {
			givers = append(givers, pid)
		}
	}
	require.Equal(t, []int32{1}, givers)
	delete(s.Holder, 0)
	for _, pid := range all {
		_, ok := s.ToGive(pid)
		require.False(t, ok, "while one is on its way")
	}
	require.Empty(t, s.ToTake(1, lease.Sharing{}))
	require.Equal(t, []uint32{0}, s.ToTake(3, lease.Sharing{}), "the one that leads the fewest")
	require.True(t, slices.Equal([]uint32{0}, s.ToTake(1, s)), "anyone, once it was left alone for a poll")
}
