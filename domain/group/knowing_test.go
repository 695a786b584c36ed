package group_test

import (
	"time"

	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// command is a command with all that it is decided with.
type command = estest.Decider[group.State, group.Event]

// with is a command together with the facts that it is decided with.
type with[C knows[F], F any] = estest.With[C, F, group.State, group.Event]

// knows are the commands that are decided with these facts.
type knows[F any] interface {
	estest.FactDecider[F, group.State, group.Event]
}

// as is a member deciding.
func as[C knows[id.Member]](m id.Member, c C) with[C, id.Member] { return estest.Knowing(c, m) }

// at is a command at the prices of a book.
func at[C knows[pricing.Book]](b pricing.Book, c C) with[C, pricing.Book] {
	return estest.Knowing(c, b)
}

// withCharts is a command about somebody or somewhere with this many charts.
func withCharts[C knows[int]](charts int, c C) with[C, int] { return estest.Knowing(c, charts) }

func withoutCharts[C knows[int]](c C) with[C, int] { return withCharts(0, c) }

// ruling is a member setting someRule.
func ruling[C knows[group.Ruling]](by id.Member, c C) with[C, group.Ruling] {
	return estest.Knowing(c, group.Ruling{By: by, Rule: someRule})
}

// invitedBy is a member inviting somebody, who is told no prices.
func invitedBy(by id.Member, c group.InviteMember) with[group.InviteMember, group.InvitationFacts] {
	return estest.Knowing(c, group.InvitationFacts{By: by})
}

// remove is a member removing somebody who has no charts.
func remove(by, m id.Member) with[group.RemoveMember, group.LeavingFacts] {
	return estest.Knowing(group.RemoveMember{Member: m}, group.LeavingFacts{By: by})
}

// trialUntil starts a trial that ends with the owner's own, at the prices of book.
func trialUntil(ends time.Time, c group.StartTrial) with[group.StartTrial, group.TrialFacts] {
	return estest.Knowing(c, group.TrialFacts{OwnerTrialEnds: ends, Book: book})
}

// removal is a member deciding about somebody's charts in someRemoval.
func removal[C knows[group.RemovalFacts]](by id.Member, c C, charts ...group.ChartFacts) with[C, group.RemovalFacts] {
	return estest.Knowing(c, group.RemovalFacts{By: by, Removal: someRemoval, Charts: charts})
}
