package processes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/contacts"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func succession(c processes.Config) process.Process {
	return processes.Succession(c)
}

// claimed makes somebody the successor, who claims the practice.
func (h *house) claimed() someone {
	h.t.Helper()
	sam := h.join("sam", access.User, true)
	_, err := commands.NameSuccessor.Give(h.t.Context(), h.engine, h.by(h.owner), group.NameSuccessor{Successor: sam.member})
	require.NoError(h.t, err)
	h.claim(sam)
	return sam
}

func (h *house) claim(by someone) {
	h.t.Helper()
	_, err := commands.ClaimSuccession.Give(h.t.Context(), h.engine, h.by(by), group.ClaimSuccession{})
	require.NoError(h.t, err)
}

func TestSuccession_KilledAnywhereTheOwnershipIsTransferredOnce(t *testing.T) {
	skip := 0
	h := everywhere(t, pgtest.New(t), 6, func(h *house) {
		h.claimed()
		skip = len(h.events())
		h.Pass(group.SuccessionWait)
	}, succession)
	require.Equal(t, []string{"OwnershipTransferred"}, h.happened(skip), "AMB-1 never doubled")
	h.Pass(60 * day)
	h.live(never, succession)
	require.Equal(t, []string{"OwnershipTransferred"}, h.happened(skip))
	require.Empty(t, h.refusals("succession"))
	require.Zero(t, h.timers("succession"))
}

func TestSuccession_TheOwnerIsTold(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	book, err := contacts.New(h.Pool)
	require.NoError(t, err)
	require.NoError(t, book.Remember(t.Context(), person("sam").account, "sam@example.org", "Sam Sable", h.Now()))
	h.hush()
	sam := h.join("sam", access.User, true)
	_, err = commands.NameSuccessor.Give(t.Context(), h.engine, h.by(h.owner), group.NameSuccessor{Successor: sam.member})
	require.NoError(t, err)
	h.hush()
	skip := len(h.events()) + 1
	tells := func(name string, wait time.Duration, want map[id.Account][]string) {
		t.Helper()
		h.Pass(wait)
		h.live(never, succession, correspondence)
		require.Equal(t, want, h.told(), name)
		for _, l := range h.letters() {
			if want != nil && *l.Account == h.owner.account && len(h.events()) == skip {
				require.Contains(t, l.Text, "Sam Sable, whom you named")
				require.Contains(t, l.Text, "the ownership goes to them on Sunday, 10 May 2026, 11:00 (America/New_York)")
			}
		}
		h.hush()
	}
	silence := map[id.Account][]string{}
	coming := map[id.Account][]string{h.owner.account: {"The ownership of Elm Street is about to change"}}
	h.claim(sam)
	tells("AMB-1 at once", 0, map[id.Account][]string{h.owner.account: {"Your successor claims Elm Street"}})
	tells("not yet again", 23*day-time.Microsecond, silence)
	tells("AMB-1 seven days before", time.Microsecond, coming)
	tells("once", 6*day-time.Microsecond, silence)
	tells("AMB-1 one day before", time.Microsecond, coming)
	tells("and not a moment too early", day-time.Microsecond, silence)
	require.Empty(t, h.happened(skip))
	tells("AMB-1 when it is done", time.Microsecond, map[id.Account][]string{
		h.owner.account: {"The ownership of Elm Street was transferred"}, sam.account: {"You own Elm Street"},
	})
	require.Equal(t, []string{"OwnershipTransferred"}, h.happened(skip))
}

func TestSuccession_KilledAnywhereTheOwnerIsToldOnce(t *testing.T) {
	pool := pgtest.New(t)
	run := func(n int) (rows []letter, killed bool) {
		h := newHouse(t, pool)
		h.claimed()
		h.Pass(23 * day)
		killed = h.live(n, succession)
		h.live(never, succession)
		rows = nil
		for _, l := range h.letters() {
			if l.Account != nil {
				rows = append(rows, l)
			}
		}
		return rows, killed
	}
	whole, _ := run(never)
	require.Len(t, whole, 1)
	for n := 0; ; n++ {
		rows, killed := run(n)
		require.Equal(t, whole, rows, "killed at place %d", n)
		if !killed {
			require.Greater(t, n, 6)
			return
		}
	}
}

func TestSuccession_WhatStopsItStopsTheClock(t *testing.T) {
	pool := pgtest.New(t)
	for name, stop := range map[string]func(h *house, sam someone) error{
		"the owner says no": func(h *house, _ someone) error {
			_, err := commands.RejectSuccession.Give(t.Context(), h.engine, h.by(h.owner), group.RejectSuccession{})
			return err
		},
		"the successor withdraws": func(h *house, sam someone) error {
			_, err := commands.WithdrawSuccession.Give(t.Context(), h.engine, h.by(sam), group.WithdrawSuccession{})
			return err
		},
		"the owner names nobody": func(h *house, _ someone) error {
			_, err := commands.ClearSuccessor.Give(t.Context(), h.engine, h.by(h.owner), group.ClearSuccessor{})
			return err
		},
		"the owner names another": func(h *house, _ someone) error {
			_, err := commands.NameSuccessor.Give(t.Context(), h.engine, h.by(h.owner), group.NameSuccessor{Successor: h.join("sue", access.User, false).member})
			return err
		},
		"the owner offers the ownership": func(h *house, _ someone) error {
			_, err := commands.OfferOwnership.Give(t.Context(), h.engine, h.by(h.owner), commands.Offer{OfferOwnership: group.OfferOwnership{To: h.join("sue", access.User, false).member}, ValidDays: 3})
			return err
		},
		"the successor leaves": func(h *house, sam someone) error {
			_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: sam.member})
			return err
		},
		"the practice closes": func(h *house, sam someone) error {
			_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: sam.member})
			h.close()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, late := range []bool{false, true} {
				h := newHouse(t, pool)
				sam := h.claimed()
				if !late {
					h.live(never, succession)
					require.Equal(t, int64(3), h.timers("succession"))
				}
				require.NoError(t, stop(h, sam))
				skip := len(h.events())
				h.Pass(40 * day)
				h.live(never, succession)
				require.Zero(t, h.timers("succession"))
				require.Empty(t, h.happened(skip), "AMB-1 the owner stays the owner")
				require.Empty(t, h.refusals("succession"))
				for _, l := range h.letters() {
					require.Nil(t, l.Account, "nobody is warned")
				}
			}
		})
	}
	t.Run("what is about somebody else does not", func(t *testing.T) {
		h := newHouse(t, pool)
		h.claimed()
		sue := h.join("sue", access.User, false)
		_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: sue.member})
		require.NoError(t, err)
		skip := len(h.events())
		h.Pass(40 * day)
		h.live(never, succession)
		require.Equal(t, []string{"OwnershipTransferred"}, h.happened(skip))
	})
	t.Run("AMB-1 a claim that follows another has its own thirty days", func(t *testing.T) {
		h := newHouse(t, pool)
		sam := h.claimed()
		h.Pass(20 * day)
		h.live(never, succession)
		_, err := commands.RejectSuccession.Give(t.Context(), h.engine, h.by(h.owner), group.RejectSuccession{})
		require.NoError(t, err)
		h.claim(sam)
		skip := len(h.events())
		h.Pass(30*day - time.Microsecond)
		h.live(never, succession)
		require.Empty(t, h.happened(skip))
		h.Pass(time.Microsecond)
		h.live(never, succession)
		require.Equal(t, []string{"OwnershipTransferred"}, h.happened(skip))
	})
}
